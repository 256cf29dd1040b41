"""Reads files that say mostly the same: a section that was read before is not read again.

Ten thousand release records name a hundred dependencies each, and share them. A section is what
stands from a top-level key to the next; whatever cannot be taken apart so is read as a whole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mergeline.specs.yaml import parse

_KEY = re.compile(rb"(?m)^(?=[A-Za-z_]+:[ \n])")


def plain_value(content: bytes) -> Any:
    """Return what a YAML file says; None: it cannot be read."""
    head, *sections = _KEY.split(content)
    merged: dict[str, Any] = {}
    for section in sections:
        value = _section(section)
        if value is None or value.keys() & merged.keys():
            return _whole(content)
        merged.update(value)
    plain_head = all(not line or line.startswith(b"#") for line in head.split(b"\n"))
    return merged if merged and plain_head else _whole(content)


@lru_cache(maxsize=4096)
def _section(content: bytes) -> dict[str, Any] | None:
    """Return a section, which nobody changes; None: it does not stand for itself."""
    value = _whole(content)
    return value if isinstance(value, dict) and len(value) == 1 else None


def _whole(content: bytes) -> Any:
    document, _ = parse("", content)
    return document.value if document else None
