"""Findings and errors as text for a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mergeline.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.errors import MergelineError
    from mergeline.findings import Finding


def finding_text(finding: Finding) -> str:
    """Return a finding as it is shown: rule and message, place, help."""
    lines = [
        f"{finding.severity}[{finding.rule}]: {printable(finding.message)}",
        f"  --> {finding.location}",
    ]
    if finding.hint:
        lines.append(f"   = help: {printable(finding.hint)}")
    return "\n".join(lines)


def error_text(error: MergelineError) -> str:
    """Return an error as it is shown: message, place if there is one, help."""
    lines = [f"error: {printable(error.message)}"]
    if error.location:
        lines.append(f"  --> {error.location}")
    if error.hint:
        lines.append(f"  = help: {printable(error.hint)}")
    return "\n".join(lines)


def findings_text(findings: Sequence[Finding]) -> str:
    """Return all findings, apart by blank lines."""
    return "\n\n".join(finding_text(finding) for finding in findings)


def count_text(findings: Sequence[Finding]) -> str:
    """Return e.g. `2 errors, 1 warning`."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    counts = [(errors, "error"), (len(findings) - errors, "warning")]
    shown = [f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count]
    return ", ".join(shown) or "no findings"


def printable(text: str) -> str:
    """Return the text with control characters (terminal escapes among them) made visible."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else f"\\x{ord(character):02x}"
        for character in text
    )


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as their widest cell."""
    cells = [list(header), *[[printable(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def say(text: str) -> None:
    """Print a line of the answer to standard output."""
    print(text, flush=True)


def progress(text: str) -> None:
    """Print a line about what is going on to standard error."""
    print(text, file=sys.stderr, flush=True)
