"""Plain values as YAML in one line."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./()-]*( [A-Za-z0-9_./()-]+)*")
# What some reader of YAML takes for something else than a string.
_TAKEN = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"])


def inline(value: Any) -> str:
    """Return a value as flow YAML: words unquoted where nothing else can be meant."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{inline(key)}: {inline(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _TAKEN:
        return value
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())
