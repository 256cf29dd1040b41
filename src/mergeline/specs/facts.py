"""What is kept of each model to hold it against others: a few facts, not the whole of it.

All models are looked at together, ten thousand of them too, so these are small, and can be kept
with what else was found.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from mergeline.specs.featurecontent import transform_content
from mergeline.specs.repository import MODELS, load_repository
from mergeline.specs.teams import Owner, owners_of
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree
    from mergeline.specs.types.data import Column


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
        readers: the teams that may read it, in order; empty: nobody says who.
        line: of the digest in data.yaml.
        column: of the digest, in characters.
    """

    name: str
    digest: str
    columns: str
    private: list[SharedColumn]
    readers: str
    line: int
    column: int


class SharedFeature(msgspec.Struct, array_like=True, frozen=True):
    """A feature of a model.

    Attributes:
        key: its owner, name and version.
        on: a digest of what it is made from: the content of the dataset, and the columns.
        made: a digest of its transform and dtype.
        line: of its version in features.yaml.
        column: of its version, in characters.
    """

    key: str
    on: str
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
                dataset.name,
                dataset.digest,
                _digest(types),
                private,
                ", ".join(sorted(set(dataset.readers))),
                place.line,
                place.column,
            )
        )
    made, read = [], model.files.get
    for index, feature in enumerate(model.features.features):
        place = features.locate(("features", index, "version"))
        key = f"{feature.owner}/{feature.name}@{feature.version}"
        on = _digest([model.data.datasets[0].digest, list(feature.inputs)])
        content = _digest(transform_content(feature, read))
        made.append(SharedFeature(key, on, content, place.line, place.column))
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


def _private(columns: Iterable[Column]) -> Iterator[SharedColumn]:
    for column in columns:
        if column.pii:
            yield SharedColumn(column.name, _said(column.pii))


def _said(pii: object) -> str:
    return msgspec.json.encode(pii).decode().strip('"')


def _digest(value: object) -> str:
    encoded = msgspec.json.encode(value, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:16]
