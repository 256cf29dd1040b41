"""How the new model learns: features, estimator and split, from the roles of the columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mergeline.scaffold.group import ONE_HOT, ONE_HOT_WHY, Group
from mergeline.scaffold.past import of_the_past
from mergeline.scaffold.roles import Role
from mergeline.specs.types.data import (
    Forecast,
    RandomSplit,
    Split,
    StratifiedSplit,
    TemporalSplit,
)
from mergeline.specs.types.features import (
    OF_THE_PAST,
    PassthroughTransform,
    SklearnTransform,
)
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.roles import Field
    from mergeline.scaffold.timing import Timing

TEST_FRACTION = 0.25
SEED = 42
_SCALER = "sklearn.preprocessing.StandardScaler"
_IMPUTER = "sklearn.impute.SimpleImputer"
_VECTORIZER = "sklearn.feature_extraction.text.TfidfVectorizer"


@dataclass(frozen=True, slots=True)
class Design:
    """How the new model learns.

    Attributes:
        groups: the features.
        estimator: its class, in scikit-learn.
        hyperparameters: its parameters.
        why: why this estimator.
        split: how the test rows are set apart.
        forecast: what is known when a forecast is made, or None.
    """

    groups: tuple[Group, ...]
    estimator: str
    hyperparameters: dict[str, Any]
    why: str
    split: Split
    forecast: Forecast | None = None


def design(answers: Answers, fields: tuple[Field, ...], timing: Timing | None) -> Design:
    """Choose linear models on scaled numbers; trees where numbers are missing."""
    numbers = [field for field in fields if field.role is Role.NUMBER]
    gaps = any(field.column.nullable for field in numbers)
    estimator, hyperparameters, why = _estimator(answers.task, gaps=gaps)
    groups = _groups(fields, gaps=gaps) if timing is None else of_the_past(answers, fields, timing)
    return Design(
        tuple(group for group in groups if group.inputs),
        estimator,
        hyperparameters,
        why,
        _split(answers) if timing is None else _latest(timing),
        None if timing is None else _forecast(timing, groups),
    )


def _estimator(task: str, *, gaps: bool) -> tuple[str, dict[str, Any], str]:
    kind = "Classifier" if task in CLASSIFYING else "Regressor"
    # Trees take no sparse columns, which words become.
    if gaps and task != "text-classification":
        why = "Trees take missing numbers as they are."
        return f"sklearn.ensemble.HistGradientBoosting{kind}", {"max_iter": 100}, why
    why = "Linear to begin with: quick, and each answer can be explained."
    if task in CLASSIFYING:
        parameters = {"C": 10.0 if task == "text-classification" else 1.0, "max_iter": 1000}
        return "sklearn.linear_model.LogisticRegression", parameters, why
    return "sklearn.linear_model.Ridge", {"alpha": 1.0}, why


def _groups(fields: tuple[Field, ...], *, gaps: bool) -> tuple[Group, ...]:
    def named(role: Role) -> tuple[str, ...]:
        return tuple(field.name for field in fields if field.role is role)

    texts = named(Role.TEXT)
    scaled = "Numbers, scaled to mean 0 and variance 1."
    numbers = Group("numbers", named(Role.NUMBER), SklearnTransform(class_=_SCALER), scaled)
    if gaps and texts:
        filled = "Numbers, missing ones as the median."
        numbers = replace(
            numbers,
            transform=SklearnTransform(class_=_IMPUTER, parameters={"strategy": "median"}),
            why=filled,
        )
    elif gaps:
        as_they_are = "Numbers as they are; missing ones stay missing."
        numbers = replace(numbers, transform=PassthroughTransform(), why=as_they_are)
    return (
        *(_words(name, place, texts) for place, name in enumerate(texts, start=1)),
        numbers,
        Group("flags", named(Role.FLAG), PassthroughTransform(), "Truth values, as 0 and 1."),
        Group("categories", named(Role.CATEGORY), ONE_HOT, ONE_HOT_WHY),
    )


def _words(name: str, place: int, texts: tuple[str, ...]) -> Group:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
    title = f"{plain}_words" if re.fullmatch(r"[a-z][a-z0-9_]{0,50}", plain) else f"words_{place}"
    vectorizer = SklearnTransform(
        class_=_VECTORIZER, parameters={"sublinear_tf": True, "max_features": 20_000}
    )
    why = "How often each word stands in a text, rare words counting more (tf-idf)."
    return Group("words" if len(texts) == 1 else title, (name,), vectorizer, why)


def _latest(timing: Timing) -> TemporalSplit:
    return TemporalSplit(
        test_fraction=TEST_FRACTION, time_column=timing.order.time_column, gap=timing.horizon - 1
    )


def _forecast(timing: Timing, groups: tuple[Group, ...]) -> Forecast:
    now = {
        name
        for group in groups
        for name in group.inputs
        if not isinstance(group.transform, OF_THE_PAST)
    }
    return Forecast(
        horizon=timing.horizon,
        seasonal_period=timing.seasonal_period,
        series_column=timing.order.series_column,
        known_ahead=tuple(name for name in timing.known_ahead if name in now),
    )


def _split(answers: Answers) -> Split:
    if answers.time_column is not None:
        return TemporalSplit(test_fraction=TEST_FRACTION, time_column=answers.time_column)
    if answers.task in CLASSIFYING:
        return StratifiedSplit(test_fraction=TEST_FRACTION, random_seed=SEED)
    return RandomSplit(test_fraction=TEST_FRACTION, random_seed=SEED)
