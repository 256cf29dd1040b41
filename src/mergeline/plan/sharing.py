"""Datasets and features that several models have in common.

A dataset is shared by the models that give the same name and digest; a feature by those that
define it alike, down to the code of its function, on a shared dataset. Where one of them
changes it, the others are reached: they keep what it was, or follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.digest import digest_bytes, digest_json
from mergeline.plan.effects import TRAINING, row_of
from mergeline.plan.identity import keyed
from mergeline.plan.meaning import plain
from mergeline.plan.sides import load_side
from mergeline.specs.repository import MODELS
from mergeline.specs.types.features import PythonTransform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from mergeline.plan.affected import Reasons
    from mergeline.plan.sides import Side
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree

# Dataset name and digest, and for a feature its name and the digest of its definition.
_Item = tuple[str, ...]


def sharers(before: Side, after: Side, names: Collection[str], head: Tree) -> dict[str, Reasons]:
    """Return the models that share what others changed, and have not changed it themselves.

    Args:
        before: the base's side of the models with changed files.
        after: the head's side of them.
        names: those models.
        head: all files of the head.

    Returns:
        For each model, e.g. `models/a changed the dataset payments, which it shares`.
    """
    changed: dict[_Item, list[str]] = {}
    for name in sorted(names):
        old, new = before.models.get(name), after.models.get(name)
        if old is not None and new is not None:
            for item in _changed(old, new):
                changed.setdefault(item, []).append(name)
    return {
        name: tuple(_reason(item, changed[item], name) for item in found)
        for name, found in _holders(changed, head)
    }


def _changed(old: ModelFolder, new: ModelFolder) -> set[_Item]:
    gone = _items(old) - _items(new)
    # On another dataset every feature is another one; the dataset says it all.
    return {item for item in gone if len(item) == 2} or gone


def _holders(changed: Mapping[_Item, list[str]], head: Tree) -> Iterator[tuple[str, list[_Item]]]:
    digests = {item[1].encode() for item in changed}
    if not digests:
        return
    candidates = {
        path.split("/")[1]
        for path in head.files(MODELS)
        if path.count("/") == 2 and path.endswith("/data.yaml") and _holds(head, path, digests)
    }
    side = load_side(head, candidates)
    for name, folder in sorted(side.models.items()):
        found = sorted(item for item in _items(folder) & set(changed) if changed[item] != [name])
        if found:
            yield name, found


def _holds(head: Tree, path: str, digests: Collection[bytes]) -> bool:
    content = head.read(path)
    return any(digest in content for digest in digests)


def _items(folder: ModelFolder) -> set[_Item]:
    datasets = {(dataset.name, dataset.digest) for dataset in folder.data.datasets}
    features = keyed(plain(folder.features), ("features",))["features"]
    if not isinstance(features, dict):
        return {*datasets}
    codes = {
        feature.name: _code(folder, feature.transform.function)
        for feature in folder.features.features
        if isinstance(feature.transform, PythonTransform)
    }
    return {*datasets} | {
        (*dataset, name, digest_json([_learned(name, feature), codes.get(name)]))
        for dataset in datasets
        for name, feature in features.items()
    }


def _learned(name: str, feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a feature what training depends on."""
    return {
        key: value
        for key, value in feature.items()
        if row_of(("features", "features", name, key)).effect in TRAINING
    }


def _code(folder: ModelFolder, function: str) -> str | None:
    """Return the digest of the file that a function stands in; None if it is not there."""
    content = folder.files.get(function.partition(":")[0])
    return digest_bytes(content) if content is not None else None


def _reason(item: _Item, changers: list[str], name: str) -> str:
    others = [one for one in changers if one != name]
    first = f"{MODELS}/{others[0]}"
    who = first if len(others) == 1 else f"{first} and {len(others) - 1} more"
    what = f"the dataset {item[0]}" if len(item) == 2 else f"the feature {item[2]}"
    return f"{who} changed {what}, which it shares"
