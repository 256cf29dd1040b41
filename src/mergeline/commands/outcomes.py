"""How the outcomes of `apply` and `promote` are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.promotion.outcome import exit_code
from mergeline.report.text import findings_text, printable, say

if TYPE_CHECKING:
    from typing import Self

    from mergeline.promotion.outcome import Outcome


class OutcomeLog:
    """Keeps what was done, and prints it: text at once, JSON at the end, also after an error."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._outcomes: list[Outcome] = []

    @property
    def exit_code(self) -> int:
        """The exit code that the outcomes ask for."""
        return int(exit_code(self._outcomes))

    def record(self, outcome: Outcome) -> None:
        """Take the next outcome."""
        self._outcomes.append(outcome)
        if self._form == "text":
            say(_text(outcome))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None and not self._outcomes:
            return
        if self._form == "json":
            from mergeline.report.json import json_text

            say(json_text([outcome.as_json() for outcome in self._outcomes]))
        elif not self._outcomes:
            say("nothing to do")


def print_outcome(outcome: Outcome, form: str) -> int:
    """Print the only thing that was done, and return the exit code that it asks for."""
    with OutcomeLog(form) as log:
        log.record(outcome)
    return log.exit_code


def _text(outcome: Outcome) -> str:
    lines = [f"{outcome.model}: {outcome.action}: {printable(outcome.message)}"]
    if outcome.pull_request:
        lines[0] += f"  {outcome.pull_request}"
    if outcome.hint:
        lines.append(f"  = help: {printable(outcome.hint)}")
    if outcome.findings:
        lines.append(findings_text(outcome.findings))
    return "\n".join(lines)
