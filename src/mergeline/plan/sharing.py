"""Datasets and features that several models have in common.

A dataset is shared by the models that give the same name and digest; a feature by those that
define it alike, down to what its function does, on a shared dataset. Where one of them
changes it, the others are reached: they keep what it was, or follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mergeline.specs.featurecontent import feature_content
from mergeline.specs.kinds import MODEL_KINDS
from mergeline.specs.reading import Reading
from mergeline.specs.repository import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from mergeline.plan.affected import Reasons
    from mergeline.plan.sides import Side
    from mergeline.specs import types
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree

    Read = Callable[[str], bytes | None]

# Dataset name and digest, and for a feature its name and the digest of its definition.
_Item = tuple[str, ...]
_KINDS = {kind.section: kind for kind in MODEL_KINDS}


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
    datasets = _datasets(old.data) - _datasets(new.data)
    # On another dataset every feature is another one; the dataset says it all.
    return datasets or _features_of(old) - _features_of(new)


def _features_of(folder: ModelFolder) -> set[_Item]:
    return _features(folder.data, folder.features, folder.files.get)


def _holders(changed: Mapping[_Item, list[str]], head: Tree) -> Iterator[tuple[str, list[_Item]]]:
    digests = {item[1].encode() for item in changed}
    if not digests:
        return
    for path in head.files(MODELS):
        if path.count("/") == 2 and path.endswith("/data.yaml") and _holds(head, path, digests):
            name = path.split("/")[1]
            held = _held(head, name, changed)
            found = sorted(item for item in held & set(changed) if changed[item] != [name])
            if found:
                yield name, found


def _holds(head: Tree, path: str, digests: Collection[bytes]) -> bool:
    content = head.read(path)
    return any(digest in content for digest in digests)


def _held(head: Tree, name: str, changed: Collection[_Item]) -> set[_Item]:
    """Return what a model holds of the changed; of its files only those are read that say it."""
    folder = f"{MODELS}/{name}"
    data = cast("types.Data | None", _spec(head, folder, "data"))
    if data is None:
        return set()
    datasets = _datasets(data)
    # Without the dataset, no feature on it.
    if not any(item[:2] in datasets and len(item) > 2 for item in changed):
        return datasets
    features = cast("types.Features | None", _spec(head, folder, "features"))
    if features is None:
        return datasets
    return datasets | _features(data, features, lambda path: _read(head, f"{folder}/{path}"))


def _spec(head: Tree, folder: str, section: str) -> types.Spec | None:
    reading = Reading()
    kind = _KINDS[section]
    reading.take(head, f"{folder}/{kind.path}", section, kind)
    return reading.specs.get(section)


def _read(head: Tree, path: str) -> bytes | None:
    try:
        return head.read(path)
    except OSError:
        return None


def _datasets(data: types.Data) -> set[_Item]:
    return {(dataset.name, dataset.digest) for dataset in data.datasets}


def _features(data: types.Data, features: types.Features, read: Read) -> set[_Item]:
    made = {
        one.name: f"{one.version} {feature_content(one, data, read)}" for one in features.features
    }
    return {
        (*dataset, name, digest) for dataset in _datasets(data) for name, digest in made.items()
    }


def _reason(item: _Item, changers: list[str], name: str) -> str:
    others = [one for one in changers if one != name]
    first = f"{MODELS}/{others[0]}"
    who = first if len(others) == 1 else f"{first} and {len(others) - 1} more"
    what = f"the dataset {item[0]}" if len(item) == 2 else f"the feature {item[2]}"
    return f"{who} changed {what}, which it shares"
