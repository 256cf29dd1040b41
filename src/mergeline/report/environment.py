"""What differs between this environment and the one that was asked for, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.text import printable, table_text

if TYPE_CHECKING:
    from mergeline.promotion.surroundings import Checked


def environment_text(checked: Checked) -> str:
    """Return a sentence, then a table of what differs, what mends it, and notes."""
    notes = [f"  = note: {printable(str(gap))}" for gap in checked.notes]
    if not checked.gaps:
        return "\n".join([f"{checked.against}: the environment is the same", *notes])
    count = len(checked.gaps)
    rows = [(gap.name, gap.wanted or "-", gap.here or "-") for gap in checked.gaps]
    return "\n".join(
        [
            f"{checked.against}: {count} difference{'s' * (count != 1)}",
            table_text(("WHAT", "WANTED", "HERE"), rows),
            f"  = help: {checked.mend}",
            *notes,
        ]
    )
