"""Do models agree on the datasets and features that they have in common?

A dataset is the same by its name, a feature by its owner, name and version. This looks at all
models at once, so it takes only a few facts of each, which can be kept with what else was found.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.references.functions import functions_in
from mergeline.specs.repository import MODELS, load_repository
from mergeline.specs.teams import Owner, owners_of
from mergeline.specs.types.features import PythonTransform
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree
    from mergeline.specs.types.data import Column
    from mergeline.specs.types.features import Feature

_NAMED = 3  # other models, so that a message stays short with a thousand of them


class SharedColumn(msgspec.Struct, array_like=True, frozen=True):
    """A column that is not like most: one with personal data."""

    name: str
    said: str


class SharedDataset(msgspec.Struct, array_like=True, frozen=True):
    """A dataset of a model.

    Attributes:
        name: its name.
        digest: of its content, as the model says.
        columns: a digest of what the model says of its columns.
        private: the columns with personal data, and what is said of them.
        line: of the digest in data.yaml.
        column: of the digest, in characters.
    """

    name: str
    digest: str
    columns: str
    private: list[SharedColumn]
    line: int
    column: int


class SharedFeature(msgspec.Struct, array_like=True, frozen=True):
    """A feature of a model.

    Attributes:
        key: its owner, name and version.
        made: a digest of its transform and dtype.
        line: of its version in features.yaml.
        column: of its version, in characters.
    """

    key: str
    made: str
    line: int
    column: int


class Facts(msgspec.Struct, array_like=True, frozen=True):
    """What is looked at beyond a model: what it shares with others, and its owners."""

    datasets: list[SharedDataset]
    features: list[SharedFeature]
    owners: list[Owner]


def facts_of(model: ModelFolder) -> Facts:
    """Return the facts of a model."""
    data, features = model.documents["data.yaml"], model.documents["features.yaml"]
    datasets = []
    for index, dataset in enumerate(model.data.datasets):
        place = data.locate(("datasets", index, "digest"))
        types = sorted([column.name, column.type] for column in dataset.columns)
        private = sorted(_private(dataset.columns), key=lambda column: column.name)
        datasets.append(
            SharedDataset(
                dataset.name, dataset.digest, _digest(types), private, place.line, place.column
            )
        )
    made = []
    for index, feature in enumerate(model.features.features):
        place = features.locate(("features", index, "version"))
        key = f"{feature.owner}/{feature.name}@{feature.version}"
        made.append(SharedFeature(key, _made(model, feature), place.line, place.column))
    return Facts(datasets, made, owners_of(model))


def read_facts(tree: Tree, names: Collection[str], facts: Mapping[str, Facts]) -> dict[str, Facts]:
    """Return the facts of other models that may have something in common with those given.

    Args:
        tree: the files.
        names: the other models.
        facts: of the models that they are held against.

    Raises:
        ToolError: a folder cannot be read.
    """
    words = {row.name.encode() for each in facts.values() for row in each.datasets}
    keys = (row.key for each in facts.values() for row in each.features)
    words |= {key.partition("/")[2].partition("@")[0].encode() for key in keys}
    near = [name for name in names if _mentions(tree, name, words)]
    models = load_repository(tree, near).models if near else {}
    return {name: facts_of(model) for name, model in models.items()}


def _mentions(tree: Tree, name: str, words: Collection[bytes]) -> bool:
    """Tell whether a model may have something of these names; reading is quicker than parsing."""
    for file in ("data.yaml", "features.yaml"):
        try:
            content = tree.read(f"{MODELS}/{name}/{file}")
        except OSError:
            return False  # it does not conform
        if len(content) <= MAX_BYTES and any(word in content for word in words):
            return True
    return False


def check_shared(facts: Mapping[str, Facts], only: Collection[str] = ()) -> list[Finding]:
    """Return where models contradict each other.

    Args:
        facts: of all models, by name.
        only: the models whose findings are wanted; empty: all.
    """
    datasets: dict[str, list[tuple[str, SharedDataset]]] = defaultdict(list)
    features: dict[str, list[tuple[str, SharedFeature]]] = defaultdict(list)
    for name, each in sorted(facts.items()):
        for dataset in each.datasets:
            datasets[dataset.name].append((name, dataset))
        # A name that stands twice in one model is found elsewhere.
        for feature in {feature.key: feature for feature in reversed(each.features)}.values():
            features[feature.key].append((name, feature))
    findings = [
        *(each for rows in datasets.values() if len(rows) > 1 for each in _datasets(rows)),
        *(each for rows in features.values() if len(rows) > 1 for each in _features(rows)),
    ]
    return [each for each in findings if not only or each.location.file.split("/")[1] in only]


def _datasets(rows: list[tuple[str, SharedDataset]]) -> Iterator[Finding]:
    usual = _usual(row.digest for _, row in rows)
    same = [name for name, row in rows if row.digest == usual]
    for name, row in rows:
        if row.digest != usual:
            yield _finding(
                "shared-dataset-differs",
                f'the dataset "{row.name}" has another digest than in {_listed(same)}',
                (name, "data.yaml", row),
                f"they have {usual}; move to it, or give the dataset another name",
                Severity.WARNING,
            )
    by_digest: dict[str, list[tuple[str, SharedDataset]]] = defaultdict(list)
    for name, row in rows:
        by_digest[row.digest].append((name, row))
    for group in by_digest.values():
        yield from _columns(group)


def _columns(rows: list[tuple[str, SharedDataset]]) -> Iterator[Finding]:
    """Yield who says other things of the columns of the very same content."""
    types = _usual(row.columns for _, row in rows)
    same = [name for name, row in rows if row.columns == types]
    for name, row in rows:
        if row.columns != types:
            yield _finding(
                "shared-columns-differ",
                f'the columns of the dataset "{row.name}" have other names or types than in '
                f"{_listed(same)}, at the same digest",
                (name, "data.yaml", row),
                "one content has one form: compare the columns",
            )
    yield from _private_columns([(name, row) for name, row in rows if row.columns == types])


def _private_columns(rows: list[tuple[str, SharedDataset]]) -> Iterator[Finding]:
    """Yield who does not say of a column what another says of its personal data."""
    there: dict[SharedColumn, list[str]] = defaultdict(list)
    for name, row in rows:
        for column in row.private:
            there[column].append(name)
    contested = {column: names for column, names in there.items() if len(names) < len(rows)}
    for name, row in rows if contested else ():
        for column, names in contested.items():
            if column not in row.private:
                yield _finding(
                    "shared-columns-differ",
                    f'the column "{column.name}" of the dataset "{row.name}" is not marked as in '
                    f"{_listed(names)}, where pii is {column.said}",
                    (name, "data.yaml", row),
                    f"write pii: {column.said} there too, or correct the others",
                )


def _features(rows: list[tuple[str, SharedFeature]]) -> Iterator[Finding]:
    usual = _usual(row.made for _, row in rows)
    same = [name for name, row in rows if row.made == usual]
    for name, row in rows:
        if row.made != usual:
            feature, _, version = row.key.rpartition("@")
            yield _finding(
                "shared-feature-differs",
                f'the feature "{feature.rpartition("/")[2]}" of {feature.partition("/")[0]} has '
                f"another transform or dtype than in {_listed(same)}, at the same version",
                (name, "features.yaml", row),
                f"raise the version above {version}, or make it as they do",
            )


def _usual(values: Iterable[str]) -> str:
    """Return the value that most have; of equally many, the first."""
    return Counter(values).most_common(1)[0][0]


def _listed(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names[:_NAMED]]
    more = len(names) - len(quoted)
    return ", ".join(quoted) + (f" and {more} more" if more else "")


def _finding(
    rule: str,
    message: str,
    place: tuple[str, str, SharedDataset | SharedFeature],
    hint: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    name, file, row = place
    location = Location(f"{MODELS}/{name}/{file}", row.line, row.column)
    return Finding(rule, severity, message, location, hint)


def _private(columns: Iterable[Column]) -> Iterator[SharedColumn]:
    for column in columns:
        if column.pii:
            yield SharedColumn(column.name, _said(column.pii))


def _said(pii: object) -> str:
    return msgspec.json.encode(pii).decode().strip('"')


def _made(model: ModelFolder, feature: Feature) -> str:
    parts: list[object] = [msgspec.to_builtins(feature.transform), feature.dtype]
    if isinstance(feature.transform, PythonTransform):
        parts.append(_code(model, feature.transform.function))
    return _digest(parts)


def _code(model: ModelFolder, function: str) -> str:
    """Return a function without what does not change what it does; models have a copy each."""
    path, _, name = function.partition(":")
    content = model.files.get(path, b"")
    try:
        node = functions_in(content).get(name) if len(content) <= MAX_BYTES else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # said elsewhere
    if node is None:
        return ""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return "".join(map(ast.dump, (node.args, *body)))


def _digest(value: object) -> str:
    encoded = msgspec.json.encode(value, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:16]
