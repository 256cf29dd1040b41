"""CODEOWNERS, as GitHub reads it: who has to approve a change of a path.

Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# The first of these that the base branch has is the one that counts.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
# GitHub reads no negation and no character ranges here; such a line is passed over.
_UNREAD = re.compile(r"^!|\[|\]")
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Line:
    """A pattern, and its owners as written: @login, @organisation/team, or an address."""

    pattern: re.Pattern[str]
    owners: tuple[str, ...]


def read_codeowners(text: str) -> list[Line]:
    """Read the lines that GitHub would, in their order."""
    lines = []
    for written in text.splitlines():
        words = re.split(r"(?<!\\)\s+", re.sub(r"(^|\s)#.*", "", written).strip())
        if words[0] and not _UNREAD.search(words[0]):
            lines.append(Line(_pattern(words[0].replace(r"\ ", " ")), tuple(words[1:])))
    return lines


def owners_of(lines: list[Line], path: str) -> tuple[str, ...]:
    """The owners of a path: those of the last line that matches, which may name none."""
    for line in reversed(lines):
        if line.pattern.fullmatch(path):
            return line.owners
    return ()


def errors_of(
    text: str, path: str, known: Callable[[str], bool]
) -> list[dict[str, str | int | None]]:
    """GitHub's errors of a file: owners who are nobody, patterns that are not read."""
    found = []
    for number, written in enumerate(text.splitlines(), start=1):
        words = re.sub(r"(^|\s)#.*", "", written).split()
        if words and _UNREAD.search(words[0]):
            found.append(_error(path, number, written, words[0], "Invalid pattern"))
        strangers = [word for word in words[1:] if not known(word)]
        found += [_error(path, number, written, word, "Unknown owner") for word in strangers]
    return found


def _error(
    path: str, number: int, source: str, word: str, kind: str
) -> dict[str, str | int | None]:
    return {
        "line": number,
        "column": source.index(word) + 1,
        "source": source,
        "kind": kind,
        "suggestion": None,
        "message": f"{kind} on line {number}: {source}",
        "path": path,
    }


def _pattern(written: str) -> re.Pattern[str]:
    """As in .gitignore, but that `folder/*` holds the files of the folder alone."""
    anchored = "/" in written.rstrip("/")
    words = re.split(r"(\*\*/|\*\*|\*|\?)", written.strip("/"))
    expression = "".join(_WILDCARDS.get(word, re.escape(word)) for word in words)
    below = "(?:/.*)?"
    if written.endswith(("/", "/*")):
        below = "/.*" if written.endswith("/") else ""
    return re.compile(("" if anchored else "(?:.*/)?") + expression + below, re.DOTALL)
