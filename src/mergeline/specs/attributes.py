"""Git attributes by which a file is another one, or none, to its reviewers than to a work tree.

The engine writes the bytes of a blob whatever they say; a work tree that Git checked out for a
person, a platform or an archive does not. See gitattributes(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.attribute_files import FILE, SET, UNSET, AttributeFiles
from mergeline.specs.reading import printable
from mergeline.specs.tree import read_at_most
from mergeline.written import HIDDEN_HINT, MAX_BYTES, hidden_character, too_large

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mergeline.specs.attribute_files import Given
    from mergeline.specs.tree import Tree

# What a model is made of, and judged by, is below these.
_TRAINED_FROM = ("models/", "pipelines/", "policies/", "requirements/", "waivers/")
_CONVERTING = frozenset({"filter", "ident", "export-subst", "eol", "working-tree-encoding"})
# What decides how the others are shown, who reviews them, and what the workflows do.
_REVIEWED = (*_TRAINED_FROM, ".github/", "docs/CODEOWNERS", "CODEOWNERS")
# Platforms fold files with one of these, and leave them out of what reviewers page through.
_FOLDING = frozenset({"linguist-generated", "linguist-vendored", "gitlab-generated"})
_HIDING = _FOLDING | {"diff"}
# Nobody reads these line by line.
_DATA = (
    *(".parquet", ".csv", ".tsv", ".arrow", ".feather", ".avro", ".orc", ".npy", ".npz", ".h5"),
    *(".xlsx", ".gz", ".zip", ".zst", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"),
)
# Each line is compared with each path.
_MOST_LINES = 200


def attribute_findings(tree: Tree, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each attribute that converts a file that models are made of, or hides it.

    `text` and `eol=lf` are left alone: with them, Git changes nothing that it checks out but by a
    user's own settings. Data may have no diff.

    Args:
        tree: the files.
        paths: what a commit holds.
    """
    listed = sorted(paths)
    contents: dict[str, bytes] = {}
    for path in listed:
        if not _is_attributes(path):
            continue
        try:
            contents[path] = read_at_most(tree, path, MAX_BYTES + 1)
        except OSError:
            continue  # of a work tree: not there any more, or a link, which Git does not follow
    unreadable = [finding for path in contents for finding in _unreadable(path, contents[path])]
    yield from unreadable
    # Git may read such a file otherwise than this module.
    if not unreadable:
        yield from _given(AttributeFiles(contents, _CONVERTING | _HIDING), listed)


def _unreadable(path: str, content: bytes) -> Iterator[Finding]:
    if large := too_large(content):
        yield Finding("file-too-large", Severity.ERROR, large, Location(printable(path)))
    elif hidden := hidden_character(content.decode("utf-8-sig", "replace")):
        place = Location(printable(path), hidden.line, hidden.column)
        yield Finding("hidden-character", Severity.ERROR, hidden.message, place, HIDDEN_HINT)


def _given(files: AttributeFiles, paths: Iterable[str]) -> Iterator[Finding]:
    told: set[tuple[str, Location]] = set()
    for path in paths if files else ():
        if not path.startswith(_REVIEWED) and not _is_attributes(path):
            continue
        if files.lines_for(path) > _MOST_LINES:
            yield _too_many_lines(path)
            return
        for given in files.of(path):
            finding = _finding(path, given)
            if finding is not None and (given.attribute, given.place) not in told:
                told.add((given.attribute, given.place))
                yield finding


def _is_attributes(path: str) -> bool:
    return path.rpartition("/")[2].casefold() == FILE


def _finding(path: str, given: Given) -> Finding | None:
    if path.startswith(_TRAINED_FROM) and _converts(given):
        return _converting(path, given)
    if not path.lower().endswith(_DATA) and _hides(given):
        return _hiding(path, given)
    return None


def _converts(given: Given) -> bool:
    value = given.value
    if given.attribute not in _CONVERTING or value in (None, UNSET):
        return False
    if given.attribute == "working-tree-encoding":
        return str(value).upper() not in ("UTF-8", "UTF8")
    return given.attribute != "eol" or value != "lf"


def _hides(given: Given) -> bool:
    if given.attribute == "diff":
        return given.value == UNSET
    return given.attribute in _FOLDING and given.value not in (None, UNSET, "false")


def _converting(path: str, given: Given) -> Finding:
    return Finding(
        "converting-attribute",
        Severity.ERROR,
        f"{_shown(given)} makes {printable(path)} another file than its reviewers see",
        given.place,
        "take the attribute off what models are made of; large data have a source in data.yaml",
    )


def _hiding(path: str, given: Given) -> Finding:
    return Finding(
        "hiding-attribute",
        Severity.ERROR,
        f"{_shown(given)} hides what changes in {printable(path)} from its reviewers",
        given.place,
        "take the attribute off all but data, or name the endings of the data that it is for",
    )


def _shown(given: Given) -> str:
    if given.value == UNSET:
        return printable(f"-{given.attribute}")
    return printable(given.attribute if given.value == SET else f"{given.attribute}={given.value}")


def _too_many_lines(path: str) -> Finding:
    message = f"more than {_MOST_LINES} lines of attributes may say how {printable(path)} is read"
    hint = "write patterns that fit more files each"
    return Finding("file-too-large", Severity.ERROR, message, Location(FILE), hint)
