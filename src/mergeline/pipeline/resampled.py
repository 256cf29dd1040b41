"""Metrics of many resamples at once, as functions of how often each row was drawn.

Each takes truth and predicted of shape (rows,) and weights of shape (resamples, rows), and
returns shape (resamples,): what scikit-learn's function of the same name gives on the drawn
rows. Where a resample leaves a metric undefined (one class only), it is NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Resampled = Callable[[NDArray[Any], NDArray[Any], Floats], Floats]


def accuracy(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Share of right labels."""
    return _mean((truth == predicted).astype(np.float64), weights)


def balanced_accuracy(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean recall of the two classes."""
    true, false_positive, false_negative, negative = _counts(truth, predicted, weights)
    sensitivity = _ratio(true, true + false_negative)
    return (sensitivity + _ratio(negative, negative + false_positive)) / 2


def precision(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Share of positives among those called positive; 0 if none is."""
    true, false_positive, _, _ = _counts(truth, predicted, weights)
    return np.nan_to_num(_ratio(true, true + false_positive))


def recall(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Share of the positives that are called positive."""
    true, _, false_negative, _ = _counts(truth, predicted, weights)
    return _ratio(true, true + false_negative)


def f1(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Harmonic mean of precision and recall."""
    true, false_positive, false_negative, _ = _counts(truth, predicted, weights)
    return _ratio(2 * true, 2 * true + false_positive + false_negative)


def roc_auc(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Area under the ROC curve, as the Mann-Whitney statistic with ties counted half."""
    positive, negative = _by_score(truth, predicted, weights)
    below = np.cumsum(negative, axis=1) - negative
    wins = (positive * (below + negative / 2)).sum(axis=1)
    return _ratio(wins, positive.sum(axis=1) * negative.sum(axis=1))


def average_precision(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Precision at each distinct score, weighted by the gain in recall."""
    positive, negative = (part[:, ::-1] for part in _by_score(truth, predicted, weights))
    found = np.cumsum(positive, axis=1)
    called = found + np.cumsum(negative, axis=1)
    gained = np.divide(found * positive, called, out=np.zeros_like(found), where=called > 0)
    return _ratio(gained.sum(axis=1), positive.sum(axis=1))


def log_loss(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean negative log-likelihood, probabilities kept off 0 and 1 as scikit-learn does."""
    tiny = np.finfo(np.float64).eps
    likely = np.clip(np.where(truth == 1, predicted, 1 - predicted), tiny, 1 - tiny)
    return _mean(-np.log(likely), weights)


def mean_squared_error(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean squared difference; of probabilities and classes, the Brier score."""
    return _mean((truth - predicted) ** 2, weights)


def mean_absolute_error(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean absolute difference."""
    return _mean(np.abs(truth - predicted), weights)


def root_mean_squared_error(
    truth: NDArray[Any], predicted: NDArray[Any], weights: Floats
) -> Floats:
    """Square root of the mean squared difference."""
    root: Floats = np.sqrt(mean_squared_error(truth, predicted, weights))
    return root


def r2(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Share of the variance that is explained."""
    # Centred first, for numbers far from zero lose their digits when squared.
    centred = truth - np.mean(truth)
    total = weights @ centred**2 - (weights @ centred) ** 2 / weights.sum(axis=1)
    return 1 - _ratio(weights @ (truth - predicted) ** 2, total)


def _mean(values: Floats, weights: Floats) -> Floats:
    return _ratio(weights @ values, weights.sum(axis=1))


def _ratio(above: Floats, below: Floats) -> Floats:
    ratio: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio


def _counts(
    truth: NDArray[Any], predicted: NDArray[Any], weights: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """True positives, false positives, false negatives, true negatives."""
    cells = np.stack(
        [
            (truth == 1) & (predicted == 1),
            (truth == 0) & (predicted == 1),
            (truth == 1) & (predicted == 0),
            (truth == 0) & (predicted == 0),
        ],
        axis=1,
    )
    counted = weights @ cells.astype(np.float64)
    return counted[:, 0], counted[:, 1], counted[:, 2], counted[:, 3]


def _by_score(
    truth: NDArray[Any], predicted: NDArray[Any], weights: Floats
) -> tuple[Floats, Floats]:
    """Weight of positives and of negatives at each distinct score, lowest first."""
    order = np.argsort(predicted, kind="stable")
    ordered = predicted[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    drawn = weights[:, order]
    positive = np.add.reduceat(drawn * (truth[order] == 1), starts, axis=1)
    return positive, np.add.reduceat(drawn, starts, axis=1) - positive
