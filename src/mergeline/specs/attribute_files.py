"""The attributes that a commit's own files give to its paths, as Git reads them.

See gitattributes(5). What is outside the commit (`info/attributes`, a user's) is not looked at.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.findings import Location
from mergeline.specs.attribute_pattern import Fit, Pattern, read_pattern
from mergeline.specs.reading import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE = ".gitattributes"
# No value of a file has a blank.
UNSET = " unset"
SET = " set"
# Longer lines are ignored by Git.
_LONGEST_LINE = 2048
_MACRO = b"[attr]"
_BLANK = b" \t\r\n"
_NAME = re.compile(r"[A-Za-z0-9_.][-A-Za-z0-9_.]*\Z")
_ESCAPE = rb'\\(?:[abfnrtv\\"]|[0-3][0-7]{2})'
_QUOTED = re.compile(rb'"((?:[^"\\]|%b)*)"(.*)' % _ESCAPE, re.DOTALL)
_CONTROLS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))

_Sets = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Given:
    """An attribute that a path has.

    Attributes:
        attribute: its name.
        value: SET, UNSET, its value, or None if it is left unspecified.
        place: the line that gives it.
    """

    attribute: str
    value: str | None
    place: Location


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    pattern: bytes
    sets: _Sets

    @property
    def folder(self) -> str:
        return self.file[: -len(FILE)]

    @property
    def place(self) -> Location:
        return Location(printable(self.file), self.number)


class AttributeFiles:
    """The lines of a commit's attributes files that give certain attributes.

    Args:
        contents: what is in each file, by its path.
        attributes: the names of those that are asked for; the others are left out.
    """

    def __init__(self, contents: Mapping[str, bytes], attributes: Iterable[str]) -> None:
        lines = [line for name in sorted(contents) for line in _read(name, contents[name])]
        macros = _macros(lines)
        names = set(attributes)
        while more := {
            name
            for name, sets in macros.items()
            if name not in names and not names.isdisjoint(dict(sets))
        }:
            names |= more
        self._macros = {name: _only(names, sets) for name, sets in macros.items() if name in names}
        # By folders, in any case: a file system may not tell them apart. The last line decides.
        self._lines: dict[str, list[_Line]] = defaultdict(list)
        for line in reversed(lines):
            if not _is_macro(line.pattern) and (sets := _only(names, line.sets)):
                kept = _Line(line.file, line.number, line.pattern, sets)
                self._lines[line.folder.casefold()].append(kept)
        self._patterns: dict[tuple[str, int], Pattern | None] = {}
        self._given: dict[tuple[str, int, frozenset[str]], tuple[list[Given], frozenset[str]]] = {}

    def __bool__(self) -> bool:
        return bool(self._lines)

    def lines_for(self, path: str) -> int:
        """Return how many lines may fit a path, with the macros that they may name."""
        own = sum(len(self._lines.get(folder, ())) for folder in _folders(path.casefold()))
        return own + len(self._macros) if own else 0

    def of(self, path: str) -> Iterator[Given]:
        """Yield the attributes that a path has.

        What it has on some systems only is yielded as well as what it has on the others.
        """
        decided: frozenset[str] = frozenset()
        for folder in _folders(path.casefold()):
            for line in self._lines.get(folder, ()):
                fit = self._fit(line, path)
                if fit is Fit.NO:
                    continue
                given, after = self._given_by(line, decided)
                yield from given
                if fit is Fit.YES:
                    decided = after

    def _fit(self, line: _Line, path: str) -> Fit:
        key = line.file, line.number
        if key not in self._patterns:
            self._patterns[key] = read_pattern(os.fsencode(line.folder), line.pattern)
        pattern = self._patterns[key]
        fit = Fit.NO if pattern is None else pattern.fit(path)
        # A file of this name is read by Git where case does not count.
        return Fit.MAYBE if fit is Fit.YES and not line.file.endswith(FILE) else fit

    def _given_by(self, line: _Line, decided: frozenset[str]) -> tuple[list[Given], frozenset[str]]:
        """Return what a line gives beyond what is decided, and what is decided then."""
        key = line.file, line.number, decided
        if key not in self._given:
            given: dict[str, Given] = {}
            # The last of a line decides, and what a macro sets comes right behind it.
            waiting = list(line.sets)
            while waiting:
                attribute, value = waiting.pop()
                if attribute in decided or attribute in given:
                    continue
                given[attribute] = Given(attribute, value, line.place)
                if value == SET:
                    waiting += self._macros.get(attribute, ())
            self._given[key] = list(given.values()), decided.union(given)
        return self._given[key]


def _macros(lines: Iterable[_Line]) -> dict[str, _Sets]:
    """Return what each macro sets; only those of the root are read by Git, wherever they stand."""
    macros: dict[str, _Sets] = {"binary": (("diff", UNSET), ("merge", UNSET), ("text", UNSET))}
    for line in lines:
        if not line.folder and _is_macro(line.pattern):
            macros[line.pattern.removeprefix(_MACRO).decode("ascii", "replace")] = line.sets
    return macros


def _is_macro(pattern: bytes) -> bool:
    return pattern.startswith(_MACRO) and len(pattern) > len(_MACRO)


def _only(names: set[str], sets: _Sets) -> _Sets:
    """Return the last of what is set for each name, in their order."""
    last: dict[str, tuple[str, str | None]] = {}
    for name, value in reversed(sets):
        if name in names:
            last.setdefault(name, (name, value))
    return tuple(reversed(last.values()))


def _folders(path: str) -> Iterator[str]:
    """Yield the folders above a path, the nearest first."""
    end = path.rfind("/")
    while end >= 0:
        yield path[: end + 1]
        end = path.rfind("/", 0, end)
    yield ""


def _read(name: str, content: bytes) -> Iterator[_Line]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        pattern, words = _split(line.strip(_BLANK))
        if not pattern or pattern.startswith(b"!") or len(line) >= _LONGEST_LINE:
            continue
        sets = _assigned(words)
        if sets:
            yield _Line(name, number, pattern, sets)


def _split(line: bytes) -> tuple[bytes, list[bytes]]:
    """Return the pattern, which may be quoted as in C, and the attributes."""
    if line.startswith(b"#"):
        return b"", []
    if quoted := _QUOTED.match(line):
        pattern, rest = re.sub(_ESCAPE, _unescaped, quoted[1]), quoted[2]
    else:
        pattern, rest = [*re.split(rb"[ \t\r]", line, maxsplit=1), b""][:2]
    return pattern, re.findall(rb"[^ \t\r]+", rest)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    text = escape.group()[1:]
    return bytes([int(text, 8) if len(text) == 3 else _CONTROLS.get(text[0], text[0])])


def _assigned(words: list[bytes]) -> _Sets | None:
    """Return what a line sets; None: Git ignores the line, because of a name that is not valid."""
    sets: list[tuple[str, str | None]] = []
    for word in words:
        name, equals, text = word.decode("utf-8", "surrogateescape").partition("=")
        value: str | None = text if equals else SET
        if name.startswith(("-", "!")) and not equals:
            value = UNSET if name[0] == "-" else None
            name = name[1:]
        if not _NAME.match(name):
            return None
        sets.append((name, value))
    return tuple(sets)
