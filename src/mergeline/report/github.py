"""Findings as GitHub Actions annotations (workflow commands)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.findings import Finding


def annotation(finding: Finding) -> str:
    """Return a finding as an `::error` or `::warning` workflow command."""
    place = finding.location
    properties = {
        "file": place.file,
        "line": str(place.line),
        "col": str(place.column),
        "title": finding.rule,
    }
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    return f"::{finding.severity} {listed}::{_data(text)}"


def annotations_text(findings: Sequence[Finding]) -> str:
    """Return all findings, a line each."""
    return "\n".join(annotation(finding) for finding in findings)


def _data(text: str) -> str:
    """Escape as the toolkit of Actions does, so that no text starts a command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
