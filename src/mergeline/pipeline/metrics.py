"""The metrics that evaluation.yaml can name: one table."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mergeline.pipeline import resampled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mergeline.pipeline.predictor import Predictions
    from mergeline.pipeline.resampled import Resampled

Task = Literal["classification", "regression"]


@dataclass(frozen=True, slots=True)
class MetricFunction:
    """A metric.

    Attributes:
        function: scikit-learn's, in sklearn.metrics.
        task: what it is for.
        resampled: the same for many resamples at once.
        probabilities: does it take probabilities, not labels?
        both_classes: is it undefined on rows of one class?
    """

    function: str
    task: Task
    resampled: Resampled
    probabilities: bool = False
    both_classes: bool = False

    def takes(self, predictions: Predictions) -> NDArray[Any] | None:
        """Return the part of the predictions that it judges; None: the model gives none."""
        return predictions.probabilities if self.probabilities else predictions.values

    def value(self, truth: NDArray[Any], predicted: NDArray[Any]) -> float:
        """Return scikit-learn's value; NaN where the metric is undefined."""
        from sklearn import metrics

        if not len(truth) or not np.isfinite(predicted).all():
            return math.nan
        if self.both_classes and len(np.unique(truth)) == 1:
            return math.nan
        options = {"labels": [0, 1]} if self.function == "log_loss" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(getattr(metrics, self.function)(truth, predicted, **options))


def _labels(function: str, many: Resampled) -> MetricFunction:
    return MetricFunction(function, "classification", many)


def _probabilities(function: str, many: Resampled, *, both: bool = False) -> MetricFunction:
    return MetricFunction(function, "classification", many, probabilities=True, both_classes=both)


def _numbers(function: str, many: Resampled) -> MetricFunction:
    return MetricFunction(function, "regression", many)


METRICS: Mapping[str, MetricFunction] = {
    "accuracy_score": _labels("accuracy_score", resampled.accuracy),
    "balanced_accuracy": _labels("balanced_accuracy_score", resampled.balanced_accuracy),
    "precision_score": _labels("precision_score", resampled.precision),
    "recall_score": _labels("recall_score", resampled.recall),
    "f1_score": _labels("f1_score", resampled.f1),
    "roc_auc": _probabilities("roc_auc_score", resampled.roc_auc, both=True),
    "average_precision": _probabilities(
        "average_precision_score", resampled.average_precision, both=True
    ),
    "log_loss": _probabilities("log_loss", resampled.log_loss),
    "brier_score": _probabilities("brier_score_loss", resampled.mean_squared_error),
    "mean_absolute_error": _numbers("mean_absolute_error", resampled.mean_absolute_error),
    "root_mean_squared_error": _numbers(
        "root_mean_squared_error", resampled.root_mean_squared_error
    ),
    "mean_squared_error": _numbers("mean_squared_error", resampled.mean_squared_error),
    "r2_score": _numbers("r2_score", resampled.r2),
}
