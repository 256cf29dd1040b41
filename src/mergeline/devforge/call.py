"""One request, with all that an endpoint may need to answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from mergeline.devforge.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig, User
    from mergeline.devforge.git import BareRepository
    from mergeline.devforge.pulls import Pulls
    from mergeline.devforge.shapes.urls import Urls
    from mergeline.devforge.state import State

Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Workplace:
    """The parts of the forge."""

    config: ForgeConfig
    accounts: Accounts
    repository: BareRepository
    state: State
    pulls: Pulls


@dataclass(frozen=True, slots=True)
class Call:
    """A request.

    Attributes:
        user: whose token it carries.
        path: the parameters in the path.
        query: the parameters in the query.
        content: the body as it came.
    """

    forge: Workplace
    user: User
    urls: Urls
    path: Mapping[str, str]
    query: Mapping[str, str]
    content: bytes

    def number(self, name: str) -> int:
        """A parameter in the path that is a number."""
        return int(self.path[name])

    def body(self, kind: type[Body]) -> Body:
        """The body, checked; unknown fields are passed over, as GitHub does.

        Raises:
            Refusal: 400 when it is not JSON, 422 when it has not the form.
        """
        try:
            return msgspec.json.decode(self.content or b"{}", type=kind)
        except msgspec.ValidationError as error:
            raise Refusal(422, f"Invalid request.\n\n{error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(400, "Problems parsing JSON") from error


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers.

    Attributes:
        content: JSON; a list is served page by page.
        cursors: do its pages follow each other by cursors, not by numbers?
        paged: the field whose list is served page by page, when the content is an object.
    """

    content: object
    status: int = 200
    paged: str | None = None
    cursors: bool = False
