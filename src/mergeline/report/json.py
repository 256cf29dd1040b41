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


def findings_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return findings as `{"findings": [...]}`."""
    return {"findings": [finding.as_json() for finding in findings]}
