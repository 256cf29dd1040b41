"""What a constant answer reaches and what the model reaches: thresholds lie in between."""

from __future__ import annotations

import importlib
import inspect
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError
from mergeline.pipeline.fairness import difference, groups_of, rates
from mergeline.pipeline.metrics import METRICS
from mergeline.pipeline.predictions import classes_of, codes
from mergeline.pipeline.predictor import predict
from mergeline.pipeline.splits import test_rows
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.pipeline.predictions import Predictions
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.design import Design
    from mergeline.scaffold.table import Table

TRAINING_SEED = 7
FAIRNESS = "equalized_odds_difference"
# Numbers of so few values are groups as they are.
_FEW = 5
# Of each task: the metrics to gate, the first one most.
_MEASURED = {
    "classification": (("roc_auc", True), ("average_precision", True), ("log_loss", False)),
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
        gap: how differently the model serves groups, or None.
    """

    gates: tuple[Gate, ...]
    rows: tuple[int, int]
    learns: bool
    gap: Gap | None = None


def measure(answers: Answers, table: Table, plan: Design) -> Baseline:
    """Train the proposed model and a constant one, and measure both on the test rows.

    Raises:
        RefusedError: the split leaves nothing to learn from or to test on.
    """
    test = test_rows(table.frame, answers.target, plan.split)
    train, held = table.frame[~test], table.frame[test]
    _check_sides(answers, train, held)
    fitted = [
        _fit(model, train, plan, answers.target) for model in (_constant(answers), _built(plan))
    ]
    classes = classes_of(table.frame[answers.target]) if answers.task in CLASSIFYING else None
    truth = held[answers.target].to_numpy()
    coded = truth if classes is None else codes(truth, classes)
    said = [predict(one, held).coded(classes) for one in fitted]
    gates = tuple(_gate(name, coded, said, up=up) for name, up in _MEASURED[answers.task])
    return Baseline(
        gates,
        (len(train), len(held)),
        learns=gates[0].threshold is not None,
        gap=_gap(answers, table, held, fitted[1]),
    )


def _gap(answers: Answers, table: Table, held: pd.DataFrame, model: Any) -> Gap | None:
    if answers.sensitive is None or answers.task != "classification":
        return None
    series = table.frame[answers.sensitive]
    numbers = series.dtype.kind in "if" and series.nunique() > _FEW
    bins = (float(series.median()),) if numbers else ()
    groups = groups_of(held[answers.sensitive], bins)
    found = rates(held[answers.target].to_numpy(), model.predict(held), groups)
    return Gap(answers.sensitive, bins, difference(FAIRNESS, found))


def _check_sides(answers: Answers, *sides: pd.DataFrame) -> None:
    for rows, name in zip(sides, ("training", "test"), strict=True):
        classes = rows[answers.target].nunique()
        if len(rows) < 2 or (answers.task == "classification" and classes < 2):
            found = f"of one class in the {name} rows" if len(rows) else f"no {name} rows"
            raise RefusedError(
                f"the split leaves {found}",
                hint="bring more rows"
                + (", or leave out --time-column" if answers.time_column else ""),
            )


def _constant(answers: Answers) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier() if answers.task == "classification" else DummyRegressor()


def _built(plan: Design) -> Any:
    cls = _class(plan.estimator)
    seeded = "random_state" in inspect.signature(cls).parameters
    seed = {"random_state": TRAINING_SEED} if seeded else {}
    return cls(**plan.hyperparameters, **seed)


def _class(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _fit(estimator: Any, train: pd.DataFrame, plan: Design, target: str) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline

    columns = ColumnTransformer(
        [
            (
                group.name,
                _class(group.transform)(**group.parameters) if group.transform else "passthrough",
                list(group.inputs),
            )
            for group in plan.groups
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(columns, estimator).fit(train, train[target].to_numpy())


def _gate(name: str, truth: NDArray[Any], said: list[Predictions], *, up: bool) -> Gate:
    metric = METRICS[name]
    judged = [metric.takes(one) for one in said]
    constant, model = (math.nan if one is None else metric.value(truth, one) for one in judged)
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
