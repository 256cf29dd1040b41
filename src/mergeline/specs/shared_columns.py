"""Do models say the same of the columns of one content?

Facts tell that two models differ. Which column it is, and where it stands, is read from their
files again: it is asked rarely, and would be much to keep of ten thousand models.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.agreement import listed, usual
from mergeline.specs.repository import MODELS
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mergeline.specs.facts import SharedColumn, SharedDataset
    from mergeline.specs.tree import Tree

    Rows = list[tuple[str, SharedDataset]]


def check_columns(rows: Rows, tree: Tree, only: Collection[str]) -> Iterator[Finding]:
    """Yield who says other things than most of the columns of the very same content.

    Args:
        rows: the models and their datasets, of one name and digest.
        tree: the files, to tell the places.
        only: the models whose findings are wanted; empty: all.
    """
    types = usual(row.columns for _, row in rows)
    same = [name for name, row in rows if row.columns == types]
    for name, row in rows:
        if row.columns != types and (not only or name in only):
            place, told = _difference(tree, row.name, name, same[0])
            yield Finding(
                "shared-columns-differ",
                Severity.ERROR,
                f'the columns of the dataset "{row.name}" have other names or types than in '
                f"{listed(same)}, at the same digest: {told}",
                place,
                "one content has one form: compare the columns",
            )
    yield from _private([each for each in rows if each[1].columns == types], tree, only)


def _private(rows: Rows, tree: Tree, only: Collection[str]) -> Iterator[Finding]:
    """Yield who does not say of a column what another says of its personal data."""
    there: dict[SharedColumn, list[str]] = defaultdict(list)
    for name, row in rows:
        for column in row.private:
            there[column].append(name)
    contested = {column: names for column, names in there.items() if len(names) < len(rows)}
    for name, row in rows if contested else ():
        for column, names in contested.items():
            if column not in row.private and (not only or name in only):
                yield Finding(
                    "shared-columns-differ",
                    Severity.ERROR,
                    f'the column "{column.name}" of the dataset "{row.name}" is not marked as in '
                    f"{listed(names)}, where pii is {column.said}",
                    _columns(tree, name, row.name)[column.name][1],
                    f"write pii: {column.said} there too, or correct the others",
                )


def _difference(tree: Tree, dataset: str, name: str, other: str) -> tuple[Location, str]:
    """Return the place and the words of the first column in which two models differ."""
    ours, theirs = _columns(tree, name, dataset), _columns(tree, other, dataset)
    for column, (kind, place) in ours.items():
        if column and column not in theirs:
            return place, f'"{column}" is not there'
        if column and kind != theirs[column][0]:
            return place, f'"{column}" is {kind} here and {theirs[column][0]} there'
    missing = next(column for column in theirs if column not in ours)
    return ours[""][1], f'"{missing}" is missing here'


def _columns(tree: Tree, name: str, dataset: str) -> dict[str, tuple[str, Location]]:
    """Return type and place of each column by name; of all of them together by the empty name."""
    path = f"{MODELS}/{name}/data.yaml"
    document, findings = parse(path, tree.read(path))
    if document is None:  # it conformed a moment ago
        return defaultdict(lambda: ("", findings[0].location))
    found = {"": ("", document.locate())}
    for index, each in enumerate(document.value["datasets"]):
        if each["name"] == dataset:
            pointer = ("datasets", index, "columns")
            found[""] = ("", document.locate(pointer, key=True))
            for at, column in enumerate(each["columns"]):
                found[column["name"]] = (column["type"], document.locate((*pointer, at)))
    return found
