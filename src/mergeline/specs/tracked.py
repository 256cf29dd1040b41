"""What no commit may bring: files where a tool keeps its own state, and attributes that convert.

A tool believes its own state. A cache, a virtual environment or a compiled module that comes with
a commit is shown to reviewers as bytes, and would be taken for what the tool made itself.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.attributes import attribute_findings
from mergeline.specs.reading import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mergeline.specs.tree import Tree

# Of Mergeline, its environment, Git and Python, as file systems compare names.
STATE = frozenset({".mergeline", ".venv", ".git", "__pycache__"})
_COMPILED = (".pyc", ".pyo")
# The short names that Windows gives to long ones: GIT~1 for .git.
_SHORT = re.compile(r"(git|venv|mergel|__pyca)~[0-9]+\Z")
# Most paths need no closer look.
_MAYBE = re.compile(r"(?i)\.mergeline|\.venv|\.git|__pycache__|~[0-9]|\.py[co]")
_MOST = 20


def check_tracked(tree: Tree, paths: Collection[str]) -> list[Finding]:
    """Return what is wrong with the paths and attributes of a commit.

    Args:
        tree: the files.
        paths: what the commit holds: files, symbolic links and submodules.
    """
    return [*tracked_state(paths), *attribute_findings(tree, paths)]


def tracked_state(paths: Iterable[str]) -> list[Finding]:
    """Return a finding for each path of a commit at which a tool would find its own state.

    Names are compared as the most forgiving file system does: in any case and any Unicode form,
    and without what HFS+ and NTFS do not see. They are refused in every folder.

    Args:
        paths: what the commit holds: files, symbolic links and submodules.
    """
    state: dict[str, str] = {}
    for path in paths:
        place = _place(path)
        if place is not None:
            state.setdefault(place, path)
    return [
        Finding(
            "tracked-state",
            Severity.ERROR,
            f"a commit may not bring {printable(place)}, where a tool keeps what it made itself",
            Location(printable(path)),
            f"git rm -r --cached '{printable(place)}', and name it in .gitignore",
        )
        for place, path in sorted(state.items())[:_MOST]
    ]


def _place(path: str) -> str | None:
    """Return the path up to the part that is a tool's, or None."""
    if path.isascii() and not _MAYBE.search(path):
        return None
    parts = path.split("/")
    for number, part in enumerate(parts, start=1):
        name = _compared(part)
        if name in STATE or _SHORT.match(name) or name.endswith(_COMPILED):
            return "/".join(parts[:number])
    return None


def _compared(part: str) -> str:
    seen = "".join(char for char in part if unicodedata.category(char) != "Cf")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    # NTFS takes `.git::$INDEX_ALLOCATION` for .git, and drops dots and blanks at the end.
    return folded.partition(":")[0].rstrip(" .")
