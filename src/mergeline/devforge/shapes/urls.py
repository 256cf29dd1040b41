"""The addresses that GitHub puts into every object."""

from __future__ import annotations

import base64
from dataclasses import dataclass

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses under the API's base URL; pages for people are under the same host.

    Attributes:
        base: the API's base URL, without a trailing slash.
        repository: owner/name.
    """

    base: str
    repository: str

    @property
    def api(self) -> str:
        """The repository's address in the API."""
        return f"{self.base}/repos/{self.repository}"

    @property
    def html(self) -> str:
        """The repository's page."""
        return f"{self.base}/{self.repository}"

    def pull_api(self, number: int) -> str:
        """A pull request's address in the API."""
        return f"{self.api}/pulls/{number}"

    def pull_html(self, number: int) -> str:
        """A pull request's page."""
        return f"{self.html}/pull/{number}"

    def conversation_html(self, number: int, *, pull: bool) -> str:
        """The page of an issue or of a pull request."""
        return self.pull_html(number) if pull else f"{self.html}/issues/{number}"


def node_id(kind: str, number: int | str) -> str:
    """An opaque id, made as GitHub's were: the kind and the number in base 64."""
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()
