"""Which paths a pattern of an attributes file fits, in time that is bounded whatever it says.

See gitattributes(5) and gitignore(5); Git compares bytes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum

_WILD = re.compile(rb"[*?\[\\]")
_PARTS = re.compile(rb"\*+|\?|\\.|\[[!^]?[^\]\[\\]+\]|[^*?\[\\]", re.DOTALL)


class Fit(Enum):
    """Whether a pattern fits a path."""

    NO = 0
    # By Git on some system only: in another case, or by a pattern that its versions read otherwise.
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of an attributes file.

    Attributes:
        surely: what fits the paths that it fits everywhere.
        perhaps: what fits the paths that it fits anywhere.
    """

    surely: re.Pattern[bytes] | None
    perhaps: re.Pattern[bytes]

    def fit(self, path: str) -> Fit:
        """Tell whether it fits a path from the repository's root."""
        name = os.fsencode(path)
        if self.surely and self.surely.fullmatch(name):
            return Fit.YES
        return Fit.MAYBE if self.perhaps.fullmatch(name) else Fit.NO


def read_pattern(folder: bytes, pattern: bytes) -> Pattern | None:
    """Return a pattern; None, if it fits no file.

    Args:
        folder: where its attributes file is, empty or with a slash at the end.
        pattern: as the file has it, without quotes.
    """
    if pattern.endswith(b"/") and not pattern.endswith(b"\\/"):
        return None  # folders, which have no attributes
    anchored = b"/" in pattern
    base = re.escape(folder) + (b"" if anchored else rb"(?:.*/)?")
    pattern = pattern.removeprefix(b"/")
    text = _path_expression(pattern) if anchored else _name_expression(pattern)
    if text is not None:
        exact = base + text
        return Pattern(_compiled(exact), _compiled(exact, re.IGNORECASE))
    # Before its first wildcard, it says what it says.
    start = re.escape(_WILD.split(pattern, maxsplit=1)[0])
    return Pattern(None, _compiled(base + start + b".*", re.IGNORECASE))


def _compiled(text: bytes, flags: int = 0) -> re.Pattern[bytes]:
    return re.compile(text, flags | re.DOTALL)


def _path_expression(pattern: bytes) -> bytes | None:
    """Return the expression of a pattern with slashes; None: Git's versions may differ on it."""
    # A row of `**` is as good as one, and each more would be a place to try again from.
    runs: list[list[bytes]] = [[]]
    names = pattern.split(b"/")
    for number, name in enumerate(names, start=1):
        if len(name) > 1 and not name.strip(b"*"):
            if number == len(names):
                return _joined(runs, b".*")
            if runs[-1] or len(runs) == 1:
                runs.append([])
            continue
        expression = None if b"**" in name else _name_expression(name)
        if expression is None:
            return None
        runs[-1].append(expression)
    last = runs[-1].pop()
    return _joined(runs, last)


def _joined(runs: list[list[bytes]], last: bytes) -> bytes:
    """Join names, with any folders between runs of them.

    The first place where a run fits is as good as any other, so none is tried again: `(?>…)`.
    """
    first, *others = (b"".join(name + b"/" for name in run) for run in runs)
    if not others:
        return first + last
    *middle, end = others
    found = b"".join(rb"(?>(?:[^/]*/)*?" + run + b")" for run in middle)
    return first + found + rb"(?:[^/]*/)*" + end + last


def _name_expression(pattern: bytes) -> bytes | None:
    """Return the expression of one name of a path; None: Git's versions may differ on it."""
    fixed = [b""]
    position = 0
    while position < len(pattern):
        part = _PARTS.match(pattern, position)
        one = None if part is None else _one_byte(part.group())
        if part is None or one is None:
            return None
        if part.group().startswith(b"*"):
            fixed.append(b"")
        else:
            fixed[-1] += one
        position = part.end()
    if len(fixed) == 1:
        return fixed[0]
    first, *middle, last = fixed
    found = b"".join(rb"(?>[^/]*?" + text + b")" for text in middle)
    return first + found + b"[^/]*" + last


def _one_byte(part: bytes) -> bytes | None:
    if part == b"?":
        return b"[^/]"
    if part.startswith(b"["):
        return _class(part[1:-1])
    return re.escape(part[-1:])


def _class(inner: bytes) -> bytes | None:
    negated = inner[:1] in (b"!", b"^")
    rest = inner[1:] if negated else inner
    members: set[int] = set()
    while rest:
        if rest[1:2] == b"-" and len(rest) > 2:
            # Its first byte is one of the class, even if the range ends before it.
            members |= {rest[0], *range(rest[0], rest[2] + 1)}
            rest = rest[3:]
        else:
            members.add(rest[0])
            rest = rest[1:]
    if not negated:
        members.discard(ord("/"))
    if not members:
        return None
    text = b"".join(re.escape(bytes([one])) for one in sorted(members))
    return b"[^/" + text + b"]" if negated else b"[" + text + b"]"
