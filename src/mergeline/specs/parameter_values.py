"""Which classes and values of a spec scikit-learn is given: estimators of its own, and data.

Some of its parameters name a file (`input: filename`, `memory`), an expression (`pre_dispatch`) or
what is called with other arguments. So a word passes if scikit-learn itself lists it as an option,
or if the parameter is known to take any; what is not known is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.specs.constraints import choices, parameter_constraints
from mergeline.specs.estimator_roles import is_estimator

if TYPE_CHECKING:
    from collections.abc import Iterable

# They read what a row of data names.
_READING = frozenset({"filename", "file"})
# Names of options that scikit-learn computes, texts and values to compare with.
_ANY_WORD = frozenset(
    (
        "affinity",
        "algorithm",
        "class_weight",
        "constant",
        "dtype",
        "encoding",
        "fill_value",
        "kernel",
        "linkage",
        "loss",
        "metric",
        "missing_values",
        "mode",
        "outlier_label",
        "pos_label",
        "scoring",
        "selection",
        "separator",
        "threshold",
        "token_pattern",
        "weights",
    )
)
_ANY_WORDS = frozenset(
    (
        "categories",
        "categorical_features",
        "classes",
        "drop",
        "feature_names_in",
        "interaction_cst",
        "stop_words",
        "vocabulary",
    )
)
_MAPPINGS = frozenset({"class_weight", "monotonic_cst", "vocabulary"})
# Packages whose classes are not for models: they open files, test others or call what they get.
_NOT_FOR_MODELS = frozenset({"conftest", "datasets", "externals", "frozen", "tests", "utils"})


def is_for_models(path: str) -> bool:
    """Tell whether a dotted path names an estimator or transformer that models may be made of."""
    package, *modules, name = path.split(".")
    public = not any(each.startswith("_") or each in _NOT_FOR_MODELS for each in (*modules, name))
    return package == "sklearn" and public and is_estimator(path)


def is_data(path: str, name: str, value: object) -> bool:
    """Tell whether a value of a parameter is data: nothing that is opened, called or evaluated.

    Args:
        path: the class.
        name: its parameter.
        value: as YAML has it.
    """
    if isinstance(value, str):
        options = set(choices(parameter_constraints(path).get(name, ()))) - _READING
        return value in options or (name in _ANY_WORD and value not in _READING)
    if isinstance(value, dict):
        return name in _MAPPINGS and _are_scalars((*value.keys(), *value.values()))
    if isinstance(value, list):
        return all(_is_item(name, each) for each in value)
    return True


def _is_item(name: str, value: object) -> bool:
    if isinstance(value, list):
        return all(_is_item(name, each) for each in value)
    return not isinstance(value, dict | str) or (isinstance(value, str) and name in _ANY_WORDS)


def _are_scalars(values: Iterable[object]) -> bool:
    return not any(isinstance(each, dict | list) for each in values)
