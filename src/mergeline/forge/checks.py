"""Commit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mergeline.forge import answers
from mergeline.forge.asking import Asking

if TYPE_CHECKING:
    from mergeline.forge.types import CommitStatus, StatusState

LONGEST_DESCRIPTION = 140


class Checks(Asking):
    """What is asked of the checks of a commit."""

    def set_status(
        self,
        sha: str,
        *,
        context: str,
        state: StatusState,
        description: str,
        target_url: str | None = None,
    ) -> CommitStatus:
        """Set the status of one context on a commit; a long description is cut to fit.

        If the answer is lost it is set again: of each context the latest counts.
        """
        content: dict[str, object] = {
            "context": context,
            "state": state,
            "description": _cut(description),
        }
        if target_url is not None:
            content["target_url"] = target_url
        path = f"/statuses/{quote(sha, safe='')}"
        return self._once(
            lambda: self._read(answers.commit_status, self._change("POST", path, content)),
            lambda: None,
        )

    def statuses(self, sha: str) -> list[CommitStatus]:
        """The latest status of each context on a commit."""
        path = f"/commits/{quote(sha, safe='')}/status"
        return self._list(answers.commit_status, path, key="statuses")


def _cut(description: str) -> str:
    if len(description) <= LONGEST_DESCRIPTION:
        return description
    return description[: LONGEST_DESCRIPTION - 1] + "…"
