"""Features that a model takes from other models by reference: looked up as it is read.

From there on they are features of the model like its own, behind these and in the order of the
references. Findings about them stand at the reference. The code of their functions is among the
model's files, and what they are is in one more, so that what is packaged, recorded and digested
is complete in itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import msgspec

from mergeline.digest import canonical_json
from mergeline.specs.kinds import MODEL_KINDS
from mergeline.specs.reading import Reading
from mergeline.specs.suggestion import did_you_mean
from mergeline.specs.types.features import Feature, PythonTransform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs import types
    from mergeline.specs.document import Document, Pointer, Position
    from mergeline.specs.tree import Tree
    from mergeline.specs.types.features import FeatureReference

# No file that anybody writes: what the shared features are, as far as training depends on it.
DEFINITIONS = "shared_features.json"
_FILE = "features.yaml"
_KIND = next(kind for kind in MODEL_KINDS if kind.path == _FILE)
_WORDS = ("owner", "description")


@dataclass(frozen=True, slots=True)
class Borrowed:
    """The features of a model, its own and those that it shares.

    Attributes:
        features: all of them.
        document: features.yaml with all of them, each at a place of the file.
        files: the code of the shared ones, and what they are, by path below the folder.
    """

    features: types.Features
    document: Document
    files: Mapping[str, bytes]


def borrow(
    tree: Tree, model: str, features: types.Features, document: Document
) -> tuple[Borrowed, list[Finding]]:
    """Look up what a model shares.

    Args:
        tree: the files of all models.
        model: the name of the one that shares.
        features: its features.yaml.
        document: the same, with places.

    Returns:
        What was found, and findings at the references to what was not.
    """
    if not features.features and not features.shared:
        hint = "list one, or name one of another model under shared"
        finding = document.finding("no-features", "the model has no feature", (), hint=hint)
        return Borrowed(features, document, {}), [finding]
    lenders = _Lenders(tree)
    found: list[Feature] = []
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for index, reference in enumerate(features.shared):
        problems = list(_problems(lenders, model, reference, document, ("shared", index)))
        findings += problems
        if not problems:
            found.append(_taken(lenders, reference, files))
    if found:
        files[DEFINITIONS] = canonical_json([_definition(one) for one in found])
    whole = msgspec.structs.replace(features, features=(*features.features, *found))
    return Borrowed(whole, _with(document, found), files), findings


def origins(features: types.Features) -> dict[str, FeatureReference]:
    """Return the references of a features.yaml by the name of their feature."""
    return {one.name: one for one in features.shared}


class _Lenders:
    """The models that others share features of; each is read once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read: dict[str, types.Features | str] = {}

    def of(self, model: str) -> types.Features | str:
        """Return the features.yaml of a model, or what is wrong with it."""
        if model not in self._read:
            reading = Reading()
            reading.take(self._tree, f"models/{model}/{_FILE}", _FILE, _KIND)
            spec = cast("types.Features | None", reading.specs.get(_FILE))
            absent = any(one.rule == "unreadable-file" for one in reading.findings)
            problem = f'there is no model "{model}"' if absent else f"{model} does not conform"
            self._read[model] = spec if spec is not None else problem
        return self._read[model]

    def code(self, model: str, path: str) -> bytes | None:
        """Return a file of a model."""
        try:
            return self._tree.read(f"models/{model}/{path}")
        except OSError:
            return None

    def names(self) -> list[str]:
        """Return the names of the models."""
        return sorted({path.split("/")[1] for path in self._tree.files("models") if "/" in path})


def _problems(
    lenders: _Lenders, model: str, reference: FeatureReference, document: Document, at: Pointer
) -> Iterator[Finding]:
    lender, name = reference.from_, reference.name
    rule, place = "shared-feature-not-found", (*at, "from")
    if lender == model:
        own = "name the model that defines the feature"
        yield document.finding(rule, f"{model} is this model itself", place, hint=own)
        return
    spec = lenders.of(lender)
    if isinstance(spec, str):
        yield document.finding(rule, spec, place, hint=did_you_mean(lender, lenders.names()))
        return
    found = next((one for one in spec.features if one.name == name), None)
    if found is None:
        beyond = origins(spec).get(name)
        known = [one.name for one in spec.features]
        hint = f"write from: {beyond.from_}" if beyond else did_you_mean(name, known)
        yield document.finding(
            rule, f'{lender} defines no feature "{name}"', (*at, "name"), hint=hint
        )
    elif found.version != reference.version:
        yield document.finding(
            "shared-feature-version",
            f"{lender} defines version {found.version} of {name}, not {reference.version}",
            (*at, "version"),
            hint=f"write version: {found.version} and raise the model's version, or define "
            f"version {reference.version} here",
        )


def _taken(lenders: _Lenders, reference: FeatureReference, files: dict[str, bytes]) -> Feature:
    """Return a feature whose function stands among the borrower's files, and put it there."""
    spec = lenders.of(reference.from_)
    assert not isinstance(spec, str)
    feature = next(one for one in spec.features if one.name == reference.name)
    if not isinstance(feature.transform, PythonTransform):
        return feature
    path, _, function = feature.transform.function.partition(":")
    content = lenders.code(reference.from_, path)
    # A double underscore stands between names; Python files of two models keep apart.
    taken = f"shared__{reference.from_.replace('-', '_')}__{path}"
    if content is not None:
        files[taken] = content
    transform = msgspec.structs.replace(feature.transform, function=f"{taken}:{function}")
    return msgspec.structs.replace(feature, transform=transform)


def _definition(feature: Feature) -> dict[str, object]:
    values = msgspec.to_builtins(feature)
    return {key: value for key, value in values.items() if key not in _WORDS}


def _with(document: Document, found: list[Feature]) -> Document:
    """Return the document with shared features in its list, at the places of the references."""
    own = document.value.get("features", [])
    value = document.value | {"features": [*own, *map(msgspec.to_builtins, found)]}
    places: dict[Pointer, Position] = {
        ("features", len(own) + index): document.values[("shared", index)]
        for index in range(len(found))
    }
    return replace(document, value=value, values={**document.values, **places})
