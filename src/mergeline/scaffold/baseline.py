"""What a constant answer reaches and what the model reaches: thresholds lie in between."""

from __future__ import annotations

import importlib
import inspect
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from mergeline.errors import RefusedError
from mergeline.pipeline.fairness import difference, groups_of, rates
from mergeline.pipeline.feature_frame import feature_frame
from mergeline.pipeline.forecast import timeline
from mergeline.pipeline.lags import TimeOrder, output_columns, positions, reach
from mergeline.pipeline.predictions import BINARY, Predictions, classes_of, codes, labels, predict
from mergeline.pipeline.scoring import TestSet, value_of
from mergeline.pipeline.splits import test_rows, training_rows
from mergeline.specs.types.data import TemporalSplit
from mergeline.specs.types.evaluation import Metric
from mergeline.specs.types.features import OF_TIME, SklearnTransform
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.pipeline.forecast import Timeline
    from mergeline.pipeline.predictions import Label
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.design import Design
    from mergeline.scaffold.table import Table
    from mergeline.specs.types.features import Feature

TRAINING_SEED = 7
FAIRNESS = "equalized_odds_difference"
# Numbers of so few values are groups as they are.
_FEW = 5
# Of each task: the metrics to gate, the first one most.
_MEASURED = {
    "classification": (("roc_auc", True), ("average_precision", True), ("log_loss", False)),
    "several classes": (("f1_macro", True), ("roc_auc_ovr", True), ("log_loss", False)),
    "forecasting": (
        ("mean_absolute_scaled_error", False),
        ("mean_absolute_error", False),
        ("root_mean_squared_error", False),
    ),
    "regression": (
        ("root_mean_squared_error", False),
        ("mean_absolute_error", False),
        ("r2_score", True),
    ),
}
# A metric is gated if the model closes at least this share of the way from constant to perfect.
_LEAST_GAIN = 0.05


@dataclass(frozen=True, slots=True)
class Gate:
    """A metric: what was measured, and the threshold between.

    Attributes:
        name: the metric.
        greater_is_better: its sense.
        constant: what a constant answer reaches.
        model: what the proposed model reaches.
        threshold: in between; None: the model gains too little to ask for anything.
    """

    name: str
    greater_is_better: bool
    constant: float
    model: float
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """How differently a classifier serves the groups of a column.

    Attributes:
        column: the column.
        bins: where numbers are cut into groups; none: each value is a group.
        value: the difference of equalized odds; None: a group is too small to tell.
    """

    column: str
    bins: tuple[float, ...]
    value: float | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was measured on the test rows.

    Attributes:
        gates: one per metric, the main one first.
        rows: how many rows trained and how many tested.
        learns: is the model better than a constant answer?
        points: how many time points a forecast is tested on, or None.
        gap: how differently the model serves groups, or None.
    """

    gates: tuple[Gate, ...]
    rows: tuple[int, int]
    learns: bool
    points: int | None = None
    gap: Gap | None = None


def measure(answers: Answers, table: Table, plan: Design) -> Baseline:
    """Train the proposed model, and measure it and a constant answer on the test rows.

    A forecast is held against the seasonal naive one.

    Raises:
        RefusedError: the split leaves nothing to learn from or to test on.
    """
    rows = _rows(answers, table, plan)
    _check_sides(answers, table.frame[rows.train], table.frame[rows.test])
    target = table.frame[answers.target]
    classes = classes_of(target) if answers.task in CLASSIFYING else None
    learned = labels(target) if classes else target.to_numpy()
    fitted = [
        _fit(model, rows.features[rows.train], learned[rows.train], plan, answers.owner)
        for model in (_constant(answers), _built(plan))
    ]
    said = [predict(one, rows.features[rows.test]).coded(classes) for one in fitted]
    truth = codes(learned[rows.test], classes) if classes else learned[rows.test]
    test = TestSet(table.frame[rows.test], truth, classes, rows.time)
    if rows.time is not None:
        said[0] = Predictions(rows.time.naive)
    gates = tuple(_gate(name, test, said, up=up) for name, up in _measured(answers, classes))
    return Baseline(
        gates,
        (int(rows.train.sum()), int(rows.test.sum())),
        learns=gates[0].threshold is not None,
        points=None if rows.time is None else len(set(rows.time.points.tolist())),
        gap=_gap(answers, table, test, said[1]),
    )


def _measured(answers: Answers, classes: tuple[Label, ...] | None) -> tuple[tuple[str, bool], ...]:
    if classes is None:
        return _MEASURED[answers.task]
    return _MEASURED["classification" if classes == BINARY else "several classes"]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the model takes of each row, and which rows are on which side."""

    features: pd.DataFrame
    train: NDArray[np.bool_]
    test: NDArray[np.bool_]
    time: Timeline | None


def _rows(answers: Answers, table: Table, plan: Design) -> _Rows:
    frame, features = table.frame, [group.feature(answers.owner) for group in plan.groups]
    test = test_rows(frame, answers.target, plan.split)
    train = training_rows(frame, plan.split, test)
    if plan.forecast is None or not isinstance(plan.split, TemporalSplit):
        return _Rows(feature_frame(frame, features, {}), train, test, None)
    order = TimeOrder(plan.split.time_column, plan.forecast.series_column)
    reached = positions(frame, order) >= reach(features)
    if (test & ~reached).any():
        short = frame.loc[test & ~reached, order.columns[0]].iloc[0]
        raise RefusedError(
            f'the series of "{short}" is too short: its test rows have no {reach(features)} time '
            "points before them",
            hint="leave short series out, or set a shorter --horizon and --seasonal-period",
        )
    train &= reached
    made = feature_frame(frame, features, {}, order)
    time = timeline(answers.target, plan.forecast, order, frame[test], frame[~test], train[~test])
    return _Rows(made, train, test, time)


def _gap(answers: Answers, table: Table, test: TestSet, said: Predictions) -> Gap | None:
    if answers.sensitive is None or answers.task not in CLASSIFYING:
        return None
    series = table.frame[answers.sensitive]
    numbers = series.dtype.kind in "if" and series.nunique() > _FEW
    bins = (float(series.median()),) if numbers else ()
    groups = groups_of(test.rows[answers.sensitive], bins)
    found = rates(test.truth, said.values, groups)
    return Gap(answers.sensitive, bins, difference(FAIRNESS, found))


def _check_sides(answers: Answers, *sides: pd.DataFrame) -> None:
    for rows, name in zip(sides, ("training", "test"), strict=True):
        classes = rows[answers.target].nunique()
        if len(rows) < 2 or (answers.task in CLASSIFYING and classes < 2):
            found = f"of one class in the {name} rows" if len(rows) else f"no {name} rows"
            raise RefusedError(
                f"the split leaves {found}",
                hint="bring more rows"
                + (", or leave out --time-column" if answers.time_column else ""),
            )


def _constant(answers: Answers) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier() if answers.task in CLASSIFYING else DummyRegressor()


def _built(plan: Design) -> Any:
    cls = _class(plan.estimator)
    seeded = "random_state" in inspect.signature(cls).parameters
    seed = {"random_state": TRAINING_SEED} if seeded else {}
    return cls(**plan.hyperparameters, **seed)


def _class(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _fit(
    estimator: Any, features: pd.DataFrame, target: NDArray[Any], plan: Design, owner: str
) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline

    columns = ColumnTransformer([_transformer(group.feature(owner)) for group in plan.groups])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(columns, estimator).fit(features, target)


def _transformer(feature: Feature) -> tuple[str, Any, list[str] | str]:
    transform = feature.transform
    if isinstance(transform, OF_TIME):
        return feature.name, "passthrough", output_columns(feature)
    if not isinstance(transform, SklearnTransform):
        return feature.name, "passthrough", list(feature.inputs)
    made = _class(transform.class_)(**transform.parameters)
    texts = transform.class_.startswith("sklearn.feature_extraction.text.")
    return feature.name, made, feature.inputs[0] if texts else list(feature.inputs)


def _gate(name: str, test: TestSet, said: list[Predictions], *, up: bool) -> Gate:
    metric = Metric(name=cast("Any", name), greater_is_better=up)
    constant, model = (value_of(metric, test, one) for one in said)
    return Gate(name, up, constant, model, _threshold(constant, model, up=up))


def _threshold(constant: float, model: float, *, up: bool) -> float | None:
    """Return the middle, in three digits; None if the gain is too small to ask for it."""
    perfect = 1.0 if up else 0.0
    if not (math.isfinite(constant) and math.isfinite(model)) or constant == perfect:
        return None
    if (model - constant) / (perfect - constant) < _LEAST_GAIN:
        return None
    middle = (constant + model) / 2
    short = float(f"{middle:.3g}")
    between = min(constant, model) <= short <= max(constant, model)
    return short if between else middle
