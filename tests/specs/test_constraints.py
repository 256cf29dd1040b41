"""What the source of scikit-learn says of parameters, held against scikit-learn itself."""

from __future__ import annotations

import inspect

import pytest
from sklearn.utils import all_estimators
from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

from mergeline.specs.constraints import choices, fits, parameter_constraints

ESTIMATORS = dict(all_estimators())
VALUES = [None, True, False, -1, 0, 1, 2, 0.0, 0.5, 1.0, 1.5, -2.5, "", "x", "auto", "balanced",
          "l2", "sqrt", [], [1.0], ["a"], {}, {"a": 1}]  # fmt: skip


def path_of(name: str) -> str:
    return f"{ESTIMATORS[name].__module__}.{name}"


def takes(name: str, parameter: str, value: object) -> bool:
    constraints = {parameter: ESTIMATORS[name]._parameter_constraints[parameter]}
    try:
        validate_parameter_constraints(constraints, {parameter: value}, caller_name=name)
    except InvalidParameterError:
        return False
    return True


@pytest.mark.slow
def test_nothing_is_refused_that_scikit_learn_takes():
    wrong = [
        (name, parameter, value)
        for name in ESTIMATORS
        for parameter, constraints in parameter_constraints(path_of(name)).items()
        for value in [*VALUES, *choices(constraints)]
        # Its own check lets a mapping through as "array-like", because it has a length.
        if not isinstance(value, dict)
        if not fits(value, constraints) and takes(name, parameter, value)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "name",
    ["LogisticRegression", "Ridge", "HistGradientBoostingClassifier", "RandomForestRegressor",
     "SVC", "Lasso", "KNeighborsClassifier", "StandardScaler", "OneHotEncoder"],
)  # fmt: skip
def test_the_parameters_of_common_classes_are_held_to_all_that_they_say(name: str):
    known = parameter_constraints(path_of(name))
    taken = set(inspect.signature(ESTIMATORS[name].__init__).parameters) - {"self"}
    told = {
        each
        for each, said in ESTIMATORS[name]._parameter_constraints.items()
        if isinstance(said, list)
    }
    assert taken & told <= set(known)
    assert sum(not fits({"a": 1}, known[each]) for each in taken & told) > len(taken & told) / 2


@pytest.mark.parametrize(
    ("parameter", "value", "fit"),
    [
        ("C", 1, True),
        ("C", 0, False),
        ("C", "1", False),
        ("solver", "saga", True),
        ("solver", "sagaa", False),
        ("l1_ratio", 1, True),
        ("l1_ratio", 1.5, False),
        ("class_weight", {"a": 2}, True),
    ],
)
def test_bounds_and_words(parameter: str, value: object, *, fit: bool):
    constraints = parameter_constraints("sklearn.linear_model.LogisticRegression")[parameter]
    assert fits(value, constraints) is fit


def test_a_class_that_is_not_there_says_nothing():
    assert parameter_constraints("sklearn.linear_model.Nothing") == {}
