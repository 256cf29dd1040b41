"""Breaking any one field of any reference spec yields a finding on its line.

Each mutation is made in the text of the file, so that the line is the one that a person would
look at. What the kind's own form tells apart is not looked at further; what only other files
tell apart (a column, a parameter of an estimator) is put to the whole check.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from mergeline.specs.check import check
from mergeline.specs.conformance import conform
from mergeline.specs.document import Document
from mergeline.specs.kinds import TEMPLATE_KIND, WAIVER_KIND, Kind, kind_of
from mergeline.specs.tree import WorkingTree
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding

ROOT = Path(__file__).parents[2]
# It has what the reference models get only once they are released: releases, environments.
BASE = ROOT / "tests/specs/examples/base"
WAIVER = ROOT / "tests/specs/waivers/dashboard.yaml"
ABSENT = {"missing-key", "unknown-kind", "unknown-api-version", "invalid-value"}
WORDS = "wrong"
MAPPING = "{wrong: type}"
LIST = "[[wrong]]"
CONTROL = '"a\\x07b"'
ODD = '"\u00a7 no such \u00a7"'
# Mappings whose keys are the author's own. Those of a release are what it records.
OWN_KEYS = {
    "Model": [("labels", ...)],
    "Release": [
        ("specs", ...),
        ("environment", "dependencies", ...),
        ("training", "hyperparameters", ...),
    ],
}
# What a release records is not judged anew by the classes of today: a policy refuses its change.
RECORDED = {"Release": [("training", "hyperparameters", ...)]}
# What may be any number, as the unit of the data is its measure.
ANY_NUMBER = {
    "Data": [
        ("datasets", 0, "expectations", ..., "kwargs"),
        ("datasets", 0, "source", "parameters", ...),
    ],
    "Evaluation": [
        ("metrics", ..., "min_absolute_change"),
        ("metrics", ..., "slice", "value"),
        ("fairness", ..., "bins"),
    ],
    "Release": [("training", "hyperparameters"), ("metrics",)],
}
# What may be any words, or any value of the data.
ANY_WORDS = {
    "Model": [("labels", ...)],
    "Data": [
        ("datasets", 0, "expectations", ..., "kwargs", "regex"),
        ("datasets", 0, "expectations", ..., "kwargs", "value_set"),
        ("datasets", 0, "source", "parameters", ...),
    ],
    "Features": [("features", ..., "transform", "parameters", ...)],
    "Evaluation": [("metrics", ..., "slice", "value")],
    "Release": [("training", "hyperparameters"), ("links",), ("environment", "dependencies")],
}


@dataclass(frozen=True)
class Field:
    """A key of a mapping, or an item of a list, with its value.

    Attributes:
        lines: of the key and of its value, which may begin below it.
        key: its start and end in the text; None for an item.
        value: the start and end of the value.
        node: the value.
    """

    pointer: tuple[str | int, ...]
    lines: frozenset[int]
    key: tuple[int, int] | None
    value: tuple[int, int]
    node: yaml.Node

    def is_free(self, kind: Kind, table: dict[str, list[tuple]]) -> bool:
        """Tell whether it is, or lies below, one of the places of its kind."""
        return any(
            len(self.pointer) >= len(place)
            and all(want in (..., part) for want, part in zip(place, self.pointer, strict=False))
            for place in table.get(kind.name, [])
        )


def fields(text: str) -> list[Field]:
    root = yaml.compose(text)
    return list(_below(text, root, ()))


def _below(text: str, node: yaml.Node, pointer: tuple) -> Iterator[Field]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*pointer, key.value)
            at = (key.start_mark.index, key.end_mark.index)
            yield Field(inner, _lines(key, value), at, _span(text, value), value)
            yield from _below(text, value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            inner = (*pointer, index)
            yield Field(inner, _lines(value), None, _span(text, value), value)
            yield from _below(text, value, inner)


def _lines(*nodes: yaml.Node) -> frozenset[int]:
    return frozenset(node.start_mark.line + 1 for node in nodes)


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    start, end = node.start_mark.index, node.end_mark.index
    return start, start + len(text[start:end].rstrip())


def replaced(text: str, span: tuple[int, int], new: str) -> str:
    start, end = span
    return text[:start] + new + text[end:]


def breaks(text: str, field: Field, kind: Kind) -> Iterator[tuple[str, list[str]]]:
    """What is wrong, with the texts of which one at least must be found on the line."""
    old = field.node
    if not field.is_free(kind, RECORDED):
        if isinstance(old, yaml.ScalarNode):
            yield "another type", [replaced(text, field.value, new) for new in (MAPPING, LIST)]
        else:
            yield "another type", [replaced(text, field.value, WORDS)]
    if isinstance(old, yaml.ScalarNode) and old.tag.endswith(":str"):
        yield "a control character", [replaced(text, field.value, CONTROL)]
        if not field.is_free(kind, ANY_WORDS):
            yield "no word of those that fit", [replaced(text, field.value, n) for n in ('""', ODD)]
    number = isinstance(old, yaml.ScalarNode) and old.tag.endswith((":int", ":float"))
    if number and not field.is_free(kind, ANY_NUMBER):
        yield "out of range", [replaced(text, field.value, new) for new in ("-1", "1000000000000")]
    if field.key is not None and not field.is_free(kind, OWN_KEYS):
        yield "a misspelt key", [replaced(text, field.key, f"{field.pointer[-1]}x")]


def lines_of(findings: list[Finding], file: str) -> set[int]:
    return {each.location.line for each in findings if each.location.file == file}


class MutatedTree:
    """The files of a repository, one of them with another text."""

    def __init__(self, root: Path, path: str, text: str) -> None:
        self._inner, self._path, self._text = WorkingTree(root), path, text

    def files(self, under: str = "") -> list[str]:
        return self._inner.files(under)

    def read(self, path: str) -> bytes:
        return self._text.encode() if path == self._path else self._inner.read(path)


def lines(root: Path, path: Path, kind: Kind, text: str, wanted: set[int]) -> set[int]:
    """The lines of the file on which something is found."""
    file = path.relative_to(root).as_posix()
    document, findings = parse(file, text.encode())
    if document is not None:
        _, findings = conform(document, kind)
    found = lines_of(findings, file)
    if wanted & found or findings or kind is WAIVER_KIND:
        return found
    model = file.split("/")[1] if file.startswith("models/") else None
    _, findings = check(MutatedTree(root, file, text), only=[model] if model else None)
    return lines_of(findings, file)


def specs() -> Iterator[tuple[Path, Path, Kind]]:
    for root in (ROOT, BASE):
        for folder in sorted((root / "models").iterdir()):
            for path in sorted(folder.rglob("*.yaml")):
                yield root, path, kind_of(path.relative_to(folder).as_posix())
        for path in sorted((root / "pipelines").glob("*.yaml")):
            yield root, path, TEMPLATE_KIND
    yield ROOT, WAIVER, WAIVER_KIND


SPECS = list(specs())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("root", "path", "kind"), SPECS, ids=[str(p.relative_to(ROOT)) for _, p, _ in SPECS]
)
def test_every_break_of_a_field_is_found_on_its_line(root: Path, path: Path, kind: Kind):
    text = path.read_text(encoding="utf-8")
    missed = [
        f"{'.'.join(map(str, field.pointer))}: {what}"
        for field in fields(text)
        for what, broken in breaks(text, field, kind)
        if not any(field.lines & lines(root, path, kind, each, field.lines) for each in broken)
    ]
    assert missed == []


def nodes(text: str) -> list[tuple[tuple, dict]]:
    """The mappings of a spec with their places."""
    value = parse("spec.yaml", text.encode())[0].value
    found: list[tuple[tuple, dict]] = []
    waiting: list[tuple[tuple, object]] = [((), value)]
    while waiting:
        pointer, each = waiting.pop()
        if isinstance(each, dict):
            found.append((pointer, each))
            waiting += [((*pointer, key), item) for key, item in each.items()]
        elif isinstance(each, list):
            waiting += [((*pointer, index), item) for index, item in enumerate(each)]
    return found


@pytest.mark.parametrize(
    ("root", "path", "kind"), SPECS, ids=[str(p.relative_to(ROOT)) for _, p, _ in SPECS]
)
def test_every_key_that_is_asked_for_is_missed_where_it_was(root: Path, path: Path, kind: Kind):
    """A key that is taken away is missed on the line of its parent, or has a default."""
    text = path.read_text(encoding="utf-8")
    document = parse("spec.yaml", text.encode())[0]
    for pointer, mapping in nodes(text):
        for key in list(mapping):
            changed, inner = copied(document.value, pointer)
            del inner[key]
            places = (
                {place: at for place, at in known.items() if place[: len(gone)] != gone}
                for gone in [(*pointer, key)]
                for known in (document.keys, document.values)
            )
            without = Document(document.file, changed, *places)
            spec, findings = conform(without, kind)
            if spec is None:
                line = document.locate(pointer).line
                assert [each for each in findings if each.location.line == line], (pointer, key)
                assert {each.rule for each in findings} <= ABSENT


def copied(value: object, pointer: tuple) -> tuple[object, dict]:
    """A copy of a value, and the mapping at a place in it."""
    whole = copy.deepcopy(value)
    inner = whole
    for part in pointer:
        inner = inner[part]
    return whole, inner
