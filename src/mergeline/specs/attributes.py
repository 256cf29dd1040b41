"""Git attributes that would make a file in a work tree another one than its reviewers saw.

The engine writes the bytes of a blob whatever they say; a work tree that Git checked out for a
person, a platform or an archive does not. See gitattributes(5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.reading import printable
from mergeline.specs.tree import read_at_most
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mergeline.specs.tree import Tree

_FILE = ".gitattributes"
# What a model is made of, and judged by, is below these.
_TRAINED_FROM = ("models/", "pipelines/", "policies/", "requirements/", "waivers/")
_MACRO = "[attr]"
_UNSET = "-"
_SET = "+"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an attributes file: what it sets, on the files that its pattern fits."""

    place: Location
    fits: re.Pattern[str]
    sets: tuple[tuple[str, str | None], ...]


def converting_attributes(tree: Tree, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each attribute that converts a file that models are made of.

    `text` and `eol=lf` are left alone: with them, Git changes nothing that it checks out but by a
    user's own settings.

    Args:
        tree: the files.
        paths: what a commit holds.
    """
    listed = list(paths)
    names = sorted(path for path in listed if path.rpartition("/")[2].casefold() == _FILE)
    lines: list[_Line] = []
    macros: dict[str, tuple[tuple[str, str | None], ...]] = {
        "binary": (("diff", _UNSET), ("merge", _UNSET), ("text", _UNSET))
    }
    # The nearest file decides, so it comes last; of one file, the last line.
    for name in sorted(names, key=lambda path: path.count("/")):
        lines += _read(tree, name, macros)
    if not any(_converts(attribute, value) for line in lines for attribute, value in line.sets):
        return
    told = set()
    for path in sorted(listed):
        if not path.startswith(_TRAINED_FROM):
            continue
        for attribute, (value, place) in _of(path, lines).items():
            if _converts(attribute, value) and (attribute, place) not in told:
                told.add((attribute, place))
                yield _finding(path, attribute, value, place)


def _converts(attribute: str, value: str | None) -> bool:
    if value in (None, _UNSET):
        return False
    if attribute == "working-tree-encoding":
        return str(value).upper() not in ("UTF-8", "UTF8")
    if attribute == "eol":
        return value != "lf"
    return attribute in ("filter", "ident", "export-subst")


def _finding(path: str, attribute: str, value: str | None, place: Location) -> Finding:
    shown = attribute if value == _SET else f"{attribute}={value}"
    return Finding(
        "converting-attribute",
        Severity.ERROR,
        f"{printable(shown)} makes {printable(path)} another file than its reviewers see",
        place,
        "take the attribute off what models are made of; large data have a source in data.yaml",
    )


def _of(path: str, lines: Iterable[_Line]) -> Mapping[str, tuple[str | None, Location]]:
    attributes: dict[str, tuple[str | None, Location]] = {}
    for line in lines:
        if line.fits.fullmatch(path):
            attributes |= {attribute: (value, line.place) for attribute, value in line.sets}
    return attributes


def _read(
    tree: Tree, name: str, macros: dict[str, tuple[tuple[str, str | None], ...]]
) -> Iterator[_Line]:
    try:
        text = read_at_most(tree, name, MAX_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return  # of a work tree: not there any more, or a link, which Git does not follow either
    for number, line in enumerate(text.split("\n"), start=1):
        pattern, rest = _split(line.strip(" \t\r"))
        if not pattern or pattern.startswith("#"):
            continue
        sets = tuple(one for word in rest.split() for one in _assigned(word, macros))
        if pattern.startswith(_MACRO):
            macros[pattern.removeprefix(_MACRO)] = sets
        else:
            yield _Line(Location(name, number), _expression(name, pattern), sets)


def _split(line: str) -> tuple[str, str]:
    """Return the pattern, which may be quoted as in C, and the attributes."""
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"(.*)', line)
    if quoted:
        text = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), quoted[1])
        return re.sub(r'\\(["\\])', r"\1", text), quoted[2]
    pattern, *rest = line.split(None, 1)[:2] or [""]
    return pattern, rest[0] if rest else ""


def _assigned(
    word: str, macros: Mapping[str, tuple[tuple[str, str | None], ...]]
) -> Iterator[tuple[str, str | None]]:
    if word.startswith("!"):
        yield word[1:], None
    elif word.startswith("-"):
        yield word[1:], _UNSET
    else:
        attribute, equals, value = word.partition("=")
        yield attribute, value if equals else _SET
        yield from macros.get(attribute, ())


def _expression(name: str, pattern: str) -> re.Pattern[str]:
    """Return what fits the paths from the root that a pattern of an attributes file fits.

    In any case: a file system may not tell them apart.
    """
    folder = re.escape(name[: -len(_FILE)])
    if "/" not in pattern.rstrip("/"):
        pattern = f"**/{pattern}"
    parts = re.findall(
        r"\*\*/|/\*\*\Z|\*+|\?|\[[!^]?\]?[^\]]*\]|\\.|.", pattern.lstrip("/"), re.DOTALL
    )
    text = "".join(_translated(part) for part in parts)
    try:
        return re.compile(folder + text, re.IGNORECASE | re.DOTALL)
    except re.error:
        # What cannot be told fits everything: a class that Python reads otherwise, say.
        return re.compile(f"{folder}.*", re.IGNORECASE | re.DOTALL)


def _translated(part: str) -> str:
    if part == "**/":
        return "(?:.*/)?"
    if part == "/**":
        return "/.*"
    if part.startswith("*"):
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and len(part) > 1:
        inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inner[1:]}]" if inner[:1] in ("!", "^") else f"[{inner}]"
    return re.escape(part[-1])
