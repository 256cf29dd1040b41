"""Whether a rebuild is what was released, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.text import printable, table_text

if TYPE_CHECKING:
    from mergeline.promotion.reproduction import Reproduction


def reproduction_text(answer: Reproduction) -> str:
    """Return the answer about one version: a sentence, then each field that differs, then notes."""
    name = f"{answer.model} {answer.version}"
    if answer.outcome in ("refused", "errored"):
        lines = [f"{name}: {answer.outcome}: {printable(answer.reason or '')}"]
        return "\n".join(
            [*lines, *([f"  = help: {printable(answer.hint)}"] if answer.hint else [])]
        )
    whole, training = answer.seconds
    took = (
        f"rebuilt at {str(answer.commit)[:10]} in {whole:.1f} s, {training:.1f} s in the pipeline"
    )
    if answer.outcome == "equal":
        lines = [f"{name}: equal in all {len(answer.compared)} fields; {took}"]
    else:
        differing = answer.differing
        lines = [
            f"{name}: DIFFERENT in {len(differing)} of {len(answer.compared)} fields; {took}",
            table_text(
                ("FIELD", "RECORDED", "REBUILT"),
                [(one.field, _shown(one.recorded), _shown(one.rebuilt)) for one in differing],
            ),
        ]
    return "\n".join([*lines, *(f"  = note: {printable(note)}" for note in answer.notes)])


def _shown(value: str | float | None) -> str:
    return "-" if value is None else str(value)
