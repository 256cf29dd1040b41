"""How the outcomes of `apply` and `promote` are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.promotion.outcome import exit_code
from mergeline.report.text import findings_text, printable, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.promotion.outcome import Outcome


def print_outcomes(outcomes: Iterable[Outcome], form: str) -> int:
    """Print what was done, as it is done, and return the exit code that it asks for."""
    seen = []
    for outcome in outcomes:
        seen.append(outcome)
        if form == "text":
            say(_text(outcome))
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text([outcome.as_json() for outcome in seen]))
    elif not seen:
        say("nothing to do")
    return int(exit_code(seen))


def _text(outcome: Outcome) -> str:
    lines = [f"{outcome.model}: {outcome.action}: {printable(outcome.message)}"]
    if outcome.pull_request:
        lines[0] += f"  {outcome.pull_request}"
    if outcome.hint:
        lines.append(f"  = help: {printable(outcome.hint)}")
    if outcome.findings:
        lines.append(findings_text(outcome.findings))
    return "\n".join(lines)
