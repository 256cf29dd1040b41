"""What a class of scikit-learn is made for, by the mixins that its source says it is made of."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from mergeline.specs.pythonsource import Class, ancestors, definition_of, find_class

if TYPE_CHECKING:
    from mergeline.specs.types.scalars import Task

_MIXINS = {
    "ClassifierMixin": "classifier",
    "RegressorMixin": "regressor",
    "TransformerMixin": "transformer",
    "ClusterMixin": "clusterer",
    "OutlierMixin": "outlier detector",
}
_MIXIN = {role: name for name, role in _MIXINS.items()}
_WANTED: dict[Task, str] = {
    "classification": "classifier",
    "text-classification": "classifier",
    "regression": "regressor",
    "forecasting": "regressor",
}


def unfit_estimator(path: str, task: Task) -> str | None:
    """Say what a class is instead of an estimator for a task; None if it is one or may be.

    A search over parameters or a pipeline is whatever is in it: of that nothing is said.
    """
    wanted = _WANTED[task]
    if _is_made_of(path, _MIXIN[wanted]):
        return None
    roles = _roles(path)
    if roles is None:
        return None
    if not roles:
        return None if is_estimator(path) else f"no estimator, let alone a {wanted}"
    return f"a {_main(roles)}, not a {wanted}"


def unfit_transformer(path: str) -> str | None:
    """Say what a class is instead of a transformer; None if it is one or may be."""
    if _is_made_of(path, _MIXIN["transformer"]):
        return None
    roles = _roles(path)
    if roles is None:
        return None
    if not roles:
        return None if is_estimator(path) else "no transformer"
    return f"a {_main(roles)}, not a transformer"


def _main(roles: frozenset[str]) -> str:
    return next(role for role in _MIXINS.values() if role in roles)


@cache
def _roles(path: str) -> frozenset[str] | None:
    names = _names(path)
    return None if names is None else frozenset(_MIXINS[name] for name in names if name in _MIXINS)


def is_estimator(path: str) -> bool:
    """Tell whether a class is an estimator of scikit-learn, which transformers are as well."""
    return "BaseEstimator" in (_names(path) or ())


@cache
def _is_made_of(path: str, mixin: str) -> bool:
    """Tell whether a class is made of a mixin; mostly its own first line says so."""
    found = find_class(path)
    waiting = [found] if isinstance(found, Class) else []
    seen = set(waiting)
    while waiting:
        each = waiting.pop(0)
        definition = definition_of(each)
        bases = definition.bases if definition else []
        if any(isinstance(base, ast.Name) and base.id == mixin for base in bases):
            return True
        new = [parent for parent in ancestors(each) if parent not in seen]
        seen.update(new)
        waiting += new
    return False


@cache
def _names(path: str) -> frozenset[str] | None:
    """Return the names of a class and of all that it is made of; None if it is not found."""
    found = find_class(path)
    if not isinstance(found, Class):
        return None
    names: set[str] = set()
    waiting = [found]
    while waiting:
        each = waiting.pop()
        if each.name not in names:
            names.add(each.name)
            waiting += ancestors(each)
    return frozenset(names)
