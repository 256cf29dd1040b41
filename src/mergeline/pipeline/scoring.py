"""Metrics of the candidate, and of the champion on the same rows, with their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.pipeline.bootstrap import Blocks, Question, interval, resample
from mergeline.pipeline.gates import improves, named, reaches
from mergeline.pipeline.metrics import METRICS
from mergeline.pipeline.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.pipeline.forecast import Timeline
    from mergeline.pipeline.predictions import Label
    from mergeline.pipeline.resampled import Floats
    from mergeline.specs.types.evaluation import Confidence, Metric

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TestSet:
    """The frozen test set.

    Attributes:
        rows: as the dataset has them.
        truth: the target, classes by their places, shape (rows,).
        classes: what the places stand for; None: the target holds numbers.
        time: of a forecast, when the rows are and what the past says of them; or None.
    """

    # Not a test, whatever pytest thinks of the name.
    __test__ = False

    rows: pd.DataFrame
    truth: NDArray[Any]
    classes: tuple[Label, ...] | None = None
    time: Timeline | None = None

    @property
    def past(self) -> pd.DataFrame | None:
        """The rows before the test rows, of a forecast."""
        return None if self.time is None else self.time.past


@dataclass(frozen=True, slots=True)
class Scored:
    """A metric of a model: its value on the test set and on each resample."""

    value: float
    samples: Floats


def score(
    metrics: Sequence[Metric],
    test: TestSet,
    models: Sequence[Predictions],
    confidence: Confidence,
) -> list[list[Scored | None]]:
    """Score models on one test set, all on the same resamples.

    Returns:
        Per model and metric the score; None where the model does not give what it needs.
    """
    asked = [
        (position, index, _question(metric, test, predictions))
        for position, predictions in enumerate(models)
        for index, metric in enumerate(metrics)
    ]
    questions = [(position, index, one) for position, index, one in asked if one is not None]
    blocks = None
    if test.time is not None and confidence.block_length is not None:
        blocks = Blocks(test.time.points, confidence.block_length)
    answers = resample(
        [one for _, _, one in questions], confidence.resamples, confidence.random_seed, blocks
    )
    scored: list[list[Scored | None]] = [[None] * len(metrics) for _ in models]
    for (position, index, question), samples in zip(questions, answers, strict=True):
        scored[position][index] = Scored(_value(metrics[index], question), samples)
    return scored


def _question(metric: Metric, test: TestSet, predictions: Predictions) -> Question | None:
    function = METRICS[metric.name]
    predicted = function.takes(predictions)
    if predicted is None:
        return None
    truth = test.truth
    if function.judged == "scaled" and test.time is not None:
        truth, predicted = truth / test.time.scale, predicted / test.time.scale
    return Question(function.resampled, truth, predicted, _mask(metric, test))


def _mask(metric: Metric, test: TestSet) -> NDArray[np.bool_] | None:
    if metric.slice is None:
        return None
    column, value = test.rows[metric.slice.column], metric.slice.value
    if column.dtype.kind == "f" and not isinstance(value, str):
        # A number in YAML rarely has all the digits of the one in the data.
        close = np.isclose(column.to_numpy(dtype=np.float64), float(value), rtol=1e-9, atol=0)
        return np.asarray(close, dtype=np.bool_)
    return np.asarray(column == value, dtype=np.bool_)


def _value(metric: Metric, question: Question) -> float:
    rows = slice(None) if question.mask is None else question.mask
    return METRICS[metric.name].value(question.truth[rows], question.predicted[rows])


def metric_row(metric: Metric, scored: Scored | None, test: TestSet, level: float) -> Row:
    """Return a row of `metrics` in evaluation.json.

    `passed` holds the threshold against the value itself, as MLflow does; None: no threshold.
    """
    value = None if scored is None or not math.isfinite(scored.value) else scored.value
    limits = None if scored is None else interval(scored.samples, level)
    mask = _mask(metric, test)
    return {
        **named(metric),
        "value": value,
        "lower": limits and limits[0],
        "upper": limits and limits[1],
        "rows": len(test.truth) if mask is None else int(mask.sum()),
        "greater_is_better": metric.greater_is_better,
        "threshold": metric.threshold,
        "passed": reaches(metric, value),
    }


def comparison_row(metric: Metric, ours: Scored | None, theirs: Scored | None, level: float) -> Row:
    """Return a row of `comparison.metrics` in evaluation.json.

    The difference is counted towards better, and its interval comes from the differences on
    the same resamples. The gate passes if the interval's lower bound is at least
    min_absolute_change: with a negative one the candidate must be shown to be worse by no more
    than that margin (non-inferiority), with 0 to be no worse, with a positive one to be better.
    `passed` is None where nothing is asked.
    """
    difference, limits = None, None
    if ours is not None and theirs is not None:
        sign = 1 if metric.greater_is_better else -1
        change = sign * (ours.value - theirs.value)
        difference = change if math.isfinite(change) else None
        limits = interval(sign * (ours.samples - theirs.samples), level)
    return {
        **named(metric),
        "candidate": _finite(ours),
        "champion": _finite(theirs),
        "difference": difference,
        "lower": limits and limits[0],
        "upper": limits and limits[1],
        "min_absolute_change": metric.min_absolute_change,
        "passed": improves(metric, limits and limits[0]),
    }


def value_of(metric: Metric, test: TestSet, predictions: Predictions) -> float:
    """Return a metric on the test set; NaN where it is not defined."""
    question = _question(metric, test, predictions)
    return math.nan if question is None else _value(metric, question)


def naive_rows(metrics: Sequence[Metric], test: TestSet) -> list[Row] | None:
    """Return what the seasonal naive forecast reaches in each metric; None: no forecast."""
    if test.time is None:
        return None
    values = [value_of(metric, test, Predictions(test.time.naive)) for metric in metrics]
    return [
        {**named(metric), "value": value if math.isfinite(value) else None}
        for metric, value in zip(metrics, values, strict=True)
    ]


def _finite(scored: Scored | None) -> float | None:
    return scored.value if scored is not None and math.isfinite(scored.value) else None
