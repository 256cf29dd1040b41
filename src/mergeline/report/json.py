"""Answers as JSON, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.findings import Finding


def json_text(value: Any) -> str:
    """Return a value as indented JSON; NaN and infinities are refused.

    Raises:
        ValueError: the value holds a number that JSON does not know.
    """
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as `{rule, severity, message, file, line, column, hint}`."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": finding.location.file,
        "line": finding.location.line,
        "column": finding.location.column,
        "hint": finding.hint,
    }


def findings_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return findings as `{"findings": [...]}`."""
    return {"findings": [finding_json(finding) for finding in findings]}
