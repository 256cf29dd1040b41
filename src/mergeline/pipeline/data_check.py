"""What came of an expectation of the data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.specs.document import Document, Pointer

# Where the expectations stand in data.yaml.
PLACE: Pointer = ("datasets", 0, "expectations")


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one expectation.

    Attributes:
        index: its place in data.yaml.
        type: as Great Expectations calls it.
        column: the column that it is about, or None.
        success: does the data meet it?
        unexpected_count: rows that do not, where rows are judged.
        unexpected_percent: their share, 0 to 100.
        observed: the observed value, where the table or a column is judged as a whole.
        examples: some of the unexpected values; none where data.yaml limits readers or time.
    """

    index: int
    type: str
    column: str | None
    success: bool
    unexpected_count: int | None
    unexpected_percent: float | None
    observed: str | None
    examples: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def finding(self, document: Document) -> Finding:
        """Return the finding of a check that failed."""
        return document.finding(
            "data-check-failed",
            f"{self.type} failed{self._about()}",
            (*PLACE, self.index),
            hint="mend the data, or change what is expected of it",
        )

    def _about(self) -> str:
        parts = [f'column "{self.column}"'] if self.column else []
        if self.unexpected_count is not None:
            parts.append(f"{self.unexpected_count} unexpected ({self.unexpected_percent:.3g} %)")
        if self.observed is not None:
            parts.append(f"observed {self.observed}")
        if self.examples:
            parts.append(f"for example {', '.join(self.examples)}")
        return f": {', '.join(parts)}" if parts else ""
