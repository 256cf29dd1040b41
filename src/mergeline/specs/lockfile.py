"""Does a lockfile pin what it names? In the form that pip installs with `--require-hashes`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mergeline.written import hidden_character

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of a megabyte, three thousand packages with their hashes; no lockfile has ten.
MAX_LOCK_BYTES = 10_000_000
_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(
    r"--hash[= ](sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})(?!\S)"
)
_PIN = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*(===?\s*[^\s;*,=<>!~]+|@\s*https://\S+)\s*(;|$)"
)
# Where packages come from, and in which form: the hashes say what they are, wherever that is.
_OPTIONS = re.compile(
    r"(-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--trusted-host|--no-binary"
    r"|--only-binary|--prefer-binary|--require-hashes)(?![\w-])"
)
_OTHER_FILE = re.compile(r"(-r|-c|--requirement|--constraint)(?![\w-])")


class Floating(NamedTuple):
    """A line of a lockfile that pins nothing.

    Attributes:
        line: its number, from 1; 0 for the file as a whole.
        why: what is wrong with it, as the end of a sentence.
    """

    line: int
    why: str


@lru_cache(maxsize=64)
def floating(content: bytes) -> tuple[Floating, ...]:
    """Return what a lockfile leaves open, in the order of its lines."""
    if len(content) > MAX_LOCK_BYTES:
        return (Floating(0, f"it has more than {MAX_LOCK_BYTES:,} bytes"),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return (Floating(0, "it is not UTF-8"),)
    if hidden := hidden_character(text):
        # Some readers, pip among them, take it for the end of a line.
        return (Floating(hidden.line, hidden.message),)
    lines = list(logical_lines(text))
    open_ = [Floating(number, why) for number, line in lines if (why := _why_open(line))]
    if not open_ and all(_OPTIONS.match(line) for _, line in lines):
        return (Floating(0, "it names no package"),)
    return tuple(open_)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with what a backslash continues, and their numbers."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), start=1):
        if not parts:
            start = number
        stated = _COMMENT.sub("", line).strip()
        parts.append(stated.removesuffix("\\").strip())
        if not stated.endswith("\\"):
            whole = " ".join(part for part in parts if part)
            parts = []
            if whole:
                yield start, whole
    whole = " ".join(part for part in parts if part)
    if whole:
        yield start, whole


def _why_open(line: str) -> str | None:
    if _OPTIONS.match(line):
        return None
    if _OTHER_FILE.match(line):
        return f"`{line}` takes in another file, which no digest covers"
    requirement, *_ = line.split(" --", 1)
    shown = requirement if len(requirement) <= 80 else f"{requirement[:77]}..."
    if not _PIN.match(requirement.strip()):
        return f"`{shown}` names no one version: only name==version does"
    if not _HASH.search(line):
        return f"`{shown}` has no hash, so the package can be another one next week"
    return None
