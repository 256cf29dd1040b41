"""Values of specs as one line."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def plain(value: Any) -> str:
    """Return a value of a spec as JSON, text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def named(value: msgspec.Struct, *left_out: str) -> str:
    """Return the fields of a spec's part as `key: value`, but for those that say nothing."""
    found = msgspec.to_builtins(value)
    said = (
        f"{key}: {plain(one)}"
        for key, one in found.items()
        if key not in left_out and one not in (None, {}, [], ())
    )
    return ", ".join(said)


def yes(flag: object) -> str:
    """Return yes, or nothing."""
    return "yes" if flag else ""
