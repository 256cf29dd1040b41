"""Reads files that say mostly the same: a long section that was read before is not read again.

Ten thousand release records name a hundred dependencies each, and share them. A section is what
stands from a top-level key to the next. A file is taken apart only where no value can reach over
such a key; every other one is read as a whole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mergeline.specs.yaml import parse

_LONG = 1000
_KEY = re.compile(rb"(?m)^(?=[A-Za-z_]+:[ \n])")
# A bracket that does not close at once.
_OPEN = re.compile(rb"[\[{](?![\]}])")


def plain_value(content: bytes) -> Any:
    """Return what a YAML file says; None: it cannot be read."""
    if len(content) < _LONG or _reaches_over(content):
        return _whole(content)
    before, *parts = _KEY.split(content)
    if not _says_nothing(before):
        return _whole(content)
    rest = _whole(b"".join(part for part in parts if len(part) < _LONG))
    sections = [_section(part) for part in parts if len(part) >= _LONG]
    merged = {key: value for one in (rest, *sections) for key, value in (one or {}).items()}
    if None in (rest, *sections) or len(merged) != sum(map(len, (rest, *sections))):
        return _whole(content)
    return merged


def _says_nothing(lines: bytes) -> bool:
    """Are these comments alone? Anything else before the first key bears on what follows it."""
    return all(line.startswith(b"#") for line in lines.split(b"\n") if line.strip())


def _reaches_over(content: bytes) -> bool:
    """Can a value reach over a line: is a bracket, or on a line a quotation, left open?"""
    if _OPEN.search(content):
        return True
    lines = [line for line in content.split(b"\n") if b'"' in line or b"'" in line]
    return any(line.count(b'"') % 2 or line.count(b"'") % 2 for line in lines)


@lru_cache(maxsize=4096)
def _section(content: bytes) -> Any:
    """Return a section, which nobody changes; None: it does not stand for itself."""
    return _whole(content)


def _whole(content: bytes) -> Any:
    document, _ = parse("", content)
    return document.value if document else None
