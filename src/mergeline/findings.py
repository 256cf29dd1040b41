"""A finding: one thing that is wrong (or doubtful) in a user's file, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How much a finding weighs: an error makes the answer no, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A place in a file: path relative to the repository's root, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer about one place; it cannot be built without its place.

    Attributes:
        rule: the identifier of the rule, in kebab-case.
        severity: error or warning.
        message: what is wrong, in one sentence without a full stop.
        location: the primary place.
        hint: what mends it, or None.
    """

    rule: str
    severity: Severity
    message: str
    location: Location
    hint: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding for programs: rule, severity, message, file, line, column, hint."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "message": self.message,
            "file": self.location.file,
            "line": self.location.line,
            "column": self.location.column,
            "hint": self.hint,
        }


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether any of the findings makes the answer no."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without repetition, by file, line, column and rule."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda finding: (finding.location, finding.rule, finding.message))
