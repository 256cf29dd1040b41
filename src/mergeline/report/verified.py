"""Released versions against the registry, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.text import printable, table_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.promotion.verifying import Verified


def verified_text(rows: Sequence[Verified]) -> str:
    """Return the table of versions: whether what is known of each is complete."""
    if not rows:
        return "nothing was released: nothing to verify"
    shown = [(row.model, printable(row.version), _answer(row)) for row in rows]
    return table_text(("MODEL", "VERSION", "EVIDENCE"), shown)


def _answer(row: Verified) -> str:
    how = ", rebuilt" if row.rebuilt else ""
    if row.complete:
        warned = f", {_count(len(row.findings), 'warning')}" if row.findings else ""
        return f"complete: {row.places} places{how}{warned}" if row.places else "not on record"
    if row.differing:
        return f"{len(row.differing)} of {row.places} places differ{how}"
    return f"{_count(len(row.findings), 'finding')}{how}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
