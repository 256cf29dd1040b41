"""The metrics that evaluation.yaml can name: one table."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mergeline.pipeline import resampled, resampled_classes
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mergeline.pipeline.predictions import Predictions
    from mergeline.pipeline.resampled import Resampled

# The part of the predictions that a metric judges: the class that is said, for two classes or
# any number; the probability of class 1, or of each class; a number, or one in units of the
# seasonal naive forecast's error.
Judged = Literal["label", "labels", "probability", "probabilities", "number", "scaled"]
_OF_CLASSES = frozenset({"label", "labels", "probability", "probabilities"})


@dataclass(frozen=True, slots=True)
class MetricFunction:
    """A metric.

    Attributes:
        function: scikit-learn's, in sklearn.metrics, or one that takes truth and predicted.
        judged: what it judges.
        resampled: the same for many resamples at once.
        both_classes: is it undefined on rows of one class?
        macro: is it the mean over the classes?
    """

    function: str | Callable[[NDArray[Any], NDArray[Any]], float]
    judged: Judged
    resampled: Resampled
    both_classes: bool = False
    macro: bool = False

    @property
    def binary(self) -> bool:
        """Is it of the two classes 0 and 1 only?"""
        return self.judged in ("label", "probability")

    def fits(self, task: str) -> bool:
        """Tell whether a model of a task can be judged by it."""
        if self.judged == "scaled":
            return task == "forecasting"
        return (self.judged in _OF_CLASSES) == (task in CLASSIFYING)

    def takes(self, predictions: Predictions) -> NDArray[Any] | None:
        """Return the part of the predictions that it judges; None: the model gives none."""
        if self.judged == "probability":
            return predictions.positive
        return predictions.probabilities if self.judged == "probabilities" else predictions.values

    def value(self, truth: NDArray[Any], predicted: NDArray[Any]) -> float:
        """Return scikit-learn's value; NaN where the metric is undefined.

        Args:
            truth: classes by their places, or numbers, shape (rows,).
            predicted: what `takes` gives.
        """
        if not len(truth) or not np.isfinite(predicted).all():
            return math.nan
        if self.both_classes and len(np.unique(truth)) == 1:
            return math.nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(self._ask(truth, predicted))

    def _ask(self, truth: NDArray[Any], predicted: NDArray[Any]) -> Any:
        from sklearn import metrics

        if not isinstance(self.function, str):
            return self.function(truth, predicted)
        options: dict[str, Any] = {}
        if self.function == "log_loss":
            options["labels"] = list(range(predicted.shape[1]))
        if self.macro:
            # A class that only another model knows (-1) is wrong, but no class of its own.
            there = [code for code in np.union1d(truth, predicted).tolist() if code >= 0]
            options = {"labels": there, "average": "macro", "zero_division": 0}
        return getattr(metrics, self.function)(truth, predicted, **options)


def _one_against_the_rest(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Return the mean over all classes of the area under the ROC curve of one against the rest.

    As scikit-learn's roc_auc_score(multi_class="ovr", average="macro"), for two classes as well.
    """
    from sklearn.metrics import roc_auc_score

    every = range(predicted.shape[1])
    if len(np.unique(truth)) < len(every):
        return math.nan
    return float(np.mean([roc_auc_score(truth == code, predicted[:, code]) for code in every]))


def _symmetric(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float(resampled.symmetric_errors(truth, predicted).mean())


def _macro(function: str, many: Resampled) -> MetricFunction:
    return MetricFunction(function, "labels", many, macro=True)


def _number(function: str, many: Resampled) -> MetricFunction:
    return MetricFunction(function, "number", many)


METRICS: Mapping[str, MetricFunction] = {
    "accuracy_score": MetricFunction("accuracy_score", "labels", resampled.accuracy),
    "balanced_accuracy": MetricFunction(
        "balanced_accuracy_score", "labels", resampled_classes.balanced_accuracy, both_classes=True
    ),
    "precision_score": MetricFunction("precision_score", "label", resampled.precision),
    "recall_score": MetricFunction("recall_score", "label", resampled.recall),
    "f1_score": MetricFunction("f1_score", "label", resampled.f1),
    "precision_macro": _macro("precision_score", resampled_classes.precision_macro),
    "recall_macro": _macro("recall_score", resampled_classes.recall_macro),
    "f1_macro": _macro("f1_score", resampled_classes.f1_macro),
    "roc_auc": MetricFunction("roc_auc_score", "probability", resampled.roc_auc, both_classes=True),
    "roc_auc_ovr": MetricFunction(
        _one_against_the_rest, "probabilities", resampled_classes.roc_auc_ovr
    ),
    "average_precision": MetricFunction(
        "average_precision_score", "probability", resampled.average_precision, both_classes=True
    ),
    "log_loss": MetricFunction("log_loss", "probabilities", resampled_classes.log_loss),
    "brier_score": MetricFunction("brier_score_loss", "probability", resampled.mean_squared_error),
    "mean_absolute_error": _number("mean_absolute_error", resampled.mean_absolute_error),
    "root_mean_squared_error": _number(
        "root_mean_squared_error", resampled.root_mean_squared_error
    ),
    "mean_squared_error": _number("mean_squared_error", resampled.mean_squared_error),
    "r2_score": _number("r2_score", resampled.r2),
    "mean_absolute_percentage_error": _number(
        "mean_absolute_percentage_error", resampled.mean_absolute_percentage_error
    ),
    "symmetric_mean_absolute_percentage_error": MetricFunction(
        _symmetric, "number", resampled.symmetric_mean_absolute_percentage_error
    ),
    # Of numbers that were divided by the seasonal naive forecast's error: see scaling.
    "mean_absolute_scaled_error": MetricFunction(
        "mean_absolute_error", "scaled", resampled.mean_absolute_error
    ),
}
