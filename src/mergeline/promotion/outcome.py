"""What a command of promotion did, one row a model and subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mergeline.errors import ExitCode
from mergeline.findings import has_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.findings import Finding

Action = Literal[
    "released",
    "restored",
    "moved",
    "noted",
    "unchanged",
    "opened",
    "adopted",
    "updated",
    "left alone",
    "drifted",
    "closed",
    "refused",
    "errored",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that was done, or refused.

    Attributes:
        model: the model.
        subject: release, staging or production.
        action: what was done.
        message: the same in a sentence.
        findings: why it was refused, or what is open about it.
        hint: what mends it.
        pull_request: the address of the pull request that was opened or found.
    """

    model: str
    subject: str
    action: Action
    message: str
    findings: tuple[Finding, ...] = ()
    hint: str | None = None
    pull_request: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "model": self.model,
            "subject": self.subject,
            "action": self.action,
            "message": self.message,
            "pull_request": self.pull_request,
            "hint": self.hint,
            "findings": [item.as_json() for item in self.findings],
        }


def exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return 3 if anything errored, else 1 if anything was refused or found wrong, else 0."""
    seen = list(outcomes)
    actions = {outcome.action for outcome in seen}
    if "errored" in actions:
        return ExitCode.TOOL
    wrong = any(has_errors(outcome.findings) for outcome in seen)
    return ExitCode.NO if wrong or "refused" in actions else ExitCode.YES
