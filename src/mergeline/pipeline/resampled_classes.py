"""Metrics over any number of classes, for many resamples at once: see resampled.

Classes are their places, 0 to classes - 1. A predicted -1 is a class that is none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.pipeline.resampled import mean, ratio, roc_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mergeline.pipeline.resampled import Floats


def balanced_accuracy(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean recall of the classes that are drawn; undefined if only one is."""
    right, actual, _ = _counts(truth, predicted, weights)
    found = _mean_where(ratio(right, actual), actual > 0)
    found[(actual > 0).sum(axis=1) < 2] = np.nan
    return found


def precision_macro(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean precision of the classes that are drawn or said; 0 where one is never said."""
    right, actual, said = _counts(truth, predicted, weights)
    return _mean_where(np.nan_to_num(ratio(right, said)), actual + said > 0)


def recall_macro(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean recall of the classes that are drawn or said; 0 where one is only said."""
    right, actual, said = _counts(truth, predicted, weights)
    return _mean_where(np.nan_to_num(ratio(right, actual)), actual + said > 0)


def f1_macro(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean of the classes' harmonic means of precision and recall."""
    right, actual, said = _counts(truth, predicted, weights)
    return _mean_where(ratio(2 * right, actual + said), actual + said > 0)


def roc_auc_ovr(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean area under the ROC curve of each class against the rest; all must be drawn."""
    areas = [
        roc_auc((truth == code).astype(np.int64), predicted[:, code], weights)
        for code in range(predicted.shape[1])
    ]
    found: Floats = np.mean(areas, axis=0)
    return found


def log_loss(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean negative log-likelihood, probabilities kept off 0 and 1 as scikit-learn does."""
    tiny = np.finfo(np.float64).eps
    likely = np.clip(predicted[np.arange(len(truth)), truth.astype(np.int64)], tiny, 1 - tiny)
    return mean(-np.log(likely), weights)


def _counts(
    truth: NDArray[Any], predicted: NDArray[Any], weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Rows rightly said, actual and said of each class, each of shape (resamples, classes)."""
    # Beyond the classes that occur, all counts would be zero.
    every = np.arange(max(truth.max(initial=0), predicted.max(initial=0)) + 1)
    actual, said = truth[:, None] == every, predicted[:, None] == every
    return (
        weights @ (actual & said).astype(np.float64),
        weights @ actual.astype(np.float64),
        weights @ said.astype(np.float64),
    )


def _mean_where(values: Floats, there: NDArray[np.bool_]) -> Floats:
    return ratio(np.where(there, values, 0.0).sum(axis=1), there.sum(axis=1).astype(np.float64))
