"""Do the classes that specs name exist, and do they take these parameters?

Importing scikit-learn takes seconds, so its source is read instead, or its catalogue where it is
not installed: `find_spec` finds the top package without importing it, the modules' `from … import`
lines say where a class is defined, and the `__init__` of the class (or of a base) says what it
takes. What that cannot tell to be data is refused.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING

from mergeline.findings import Severity
from mergeline.specs.conformance import did_you_mean
from mergeline.specs.constraints import choices, fits, parameter_constraints
from mergeline.specs.estimator_roles import unfit_estimator, unfit_transformer
from mergeline.specs.interfaces import SKLEARN
from mergeline.specs.library_versions import unknown_version
from mergeline.specs.parameter_values import is_data, is_for_models
from mergeline.specs.pythonsource import Missing, class_parameters, find_class
from mergeline.specs.types.data import BUNDLED, SklearnSource
from mergeline.specs.types.features import SklearnTransform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs.document import Document, Pointer
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree

_PACKAGE = "sklearn."


def check_estimators(repository: Repository, tree: Tree) -> Iterator[Finding]:
    """Yield the estimators, transformers, loaders and parameters that do not exist.

    Args:
        repository: the models.
        tree: the files, with their lockfiles.
    """
    for model in repository.models.values():
        unknown = unknown_version(model, tree, SKLEARN)
        yield from [unknown] if unknown else _check(model)


def _check(model: ModelFolder) -> Iterator[Finding]:
    yield from _loader(model)
    features = model.documents["features.yaml"]
    for index, feature in enumerate(model.features.features):
        if isinstance(feature.transform, SklearnTransform):
            at: Pointer = ("features", index, "transform")
            yield from _class(feature.transform.class_, features, (*at, "class"))
            yield from _transformer(feature.transform.class_, features, (*at, "class"))
            yield from _parameters(
                feature.transform.class_, feature.transform.parameters, features, at, "parameters"
            )
    training = model.documents["training.yaml"]
    estimator, hyperparameters = model.training.estimator, model.training.hyperparameters
    yield from _class(estimator, training, ("estimator",))
    unfit = unfit_estimator(estimator, model.model.task)
    if unfit is not None:
        yield training.finding(
            "estimator-of-other-kind",
            f"{estimator.rpartition('.')[2]} is {unfit}",
            ("estimator",),
            hint=f"the task is {model.model.task}: choose a class that is made for it",
        )
    else:
        yield from _for_models(estimator, training, ("estimator",))
    yield from _parameters(estimator, hyperparameters, training, (), "hyperparameters")
    if "random_state" in hyperparameters:
        yield training.finding(
            "random-state-twice",
            "random_state is given as a hyperparameter and by random_seed",
            ("hyperparameters", "random_state"),
            hint="remove it: random_seed is handed to the estimator as random_state",
            key=True,
        )


def _transformer(path: str, document: Document, pointer: Pointer) -> Iterator[Finding]:
    unfit = unfit_transformer(path)
    if not path.startswith(_PACKAGE):
        yield document.finding(
            "unknown-estimator",
            f'"{path}" is not a class of scikit-learn',
            pointer,
            hint="only classes of scikit-learn can be loaded safely again",
        )
    elif unfit is not None:
        yield document.finding(
            "estimator-of-other-kind",
            f"{path.rpartition('.')[2]} is {unfit}",
            pointer,
            hint="choose one with fit and transform, such as sklearn.preprocessing.StandardScaler",
        )
    else:
        yield from _for_models(path, document, pointer)


def _for_models(path: str, document: Document, pointer: Pointer) -> Iterator[Finding]:
    if not isinstance(find_class(path), Missing) and not is_for_models(path):
        yield document.finding(
            "unknown-estimator",
            f'"{path}" is not a public estimator or transformer of scikit-learn',
            pointer,
            hint="models are made of those only: others may open files or call what they get",
        )


def _class(path: str, document: Document, pointer: Pointer) -> Iterator[Finding]:
    found = find_class(path)
    if isinstance(found, Missing):
        yield document.finding(
            "unknown-estimator", found.message, pointer, hint=_near(found.word, found.known)
        )


def _parameters(
    path: str, given: Mapping[str, object], document: Document, pointer: Pointer, key: str
) -> Iterator[Finding]:
    known = class_parameters(path)
    if known is None:
        return
    constraints = parameter_constraints(path) if given else {}
    for name, value in given.items():
        if name in constraints and not fits(value, constraints[name]):
            yield _unfit(path, name, value, choices(constraints[name]), document, pointer, key)
        elif name in known and not is_data(path, name, value):
            yield unsafe_parameter(path, name, document, (*pointer, key, name))
        if name not in known and name != "random_state":
            yield document.finding(
                "unknown-hyperparameter",
                f'{path.rpartition(".")[2]} takes no parameter "{name}"',
                (*pointer, key, name),
                hint=did_you_mean(name, list(known)),
                key=True,
                severity=Severity.ERROR,
            )


def unsafe_parameter(path: str, name: str, document: Document, pointer: Pointer) -> Finding:
    """Return the finding that a value may be opened, called or evaluated."""
    return document.finding(
        "unsafe-parameter",
        f"{path.rpartition('.')[2]} must not be given this value of {name}: it is not plain data",
        pointer,
        hint=f"remove {name}, or write one of the options that scikit-learn lists for it",
    )


def _unfit(
    path: str,
    name: str,
    value: object,
    words: list[str],
    document: Document,
    pointer: Pointer,
    key: str,
) -> Finding:
    shown = f'"{value}"' if isinstance(value, str) else json.dumps(value, default=str)[:60]
    return document.finding(
        "invalid-hyperparameter",
        f"{path.rpartition('.')[2]} does not take {shown} for {name}",
        (*pointer, key, name),
        hint=did_you_mean(str(value), words) or f"see {name} in the documentation of {path}",
    )


def _loader(model: ModelFolder) -> Iterator[Finding]:
    source = model.data.datasets[0].source
    if not isinstance(source, SklearnSource):
        return
    if source.loader not in BUNDLED:
        yield model.documents["data.yaml"].finding(
            "unknown-loader",
            f"{source.loader} is not a loader of data that scikit-learn brings",
            ("datasets", 0, "source", "loader"),
            hint=did_you_mean(source.loader, list(BUNDLED)),
        )


def _near(word: str, known: tuple[str, ...]) -> str | None:
    """Name the nearest word only: a package's classes are too many to list."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else None
