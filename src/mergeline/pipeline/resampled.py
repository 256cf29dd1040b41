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
    return mean((truth == predicted).astype(np.float64), weights)


def precision(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Share of positives among those called positive; 0 if none is."""
    true, false_positive, _, _ = _counts(truth, predicted, weights)
    return np.nan_to_num(ratio(true, true + false_positive))


def recall(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Share of the positives that are called positive."""
    true, _, false_negative, _ = _counts(truth, predicted, weights)
    return ratio(true, true + false_negative)


def f1(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Harmonic mean of precision and recall."""
    true, false_positive, false_negative, _ = _counts(truth, predicted, weights)
    return ratio(2 * true, 2 * true + false_positive + false_negative)


def roc_auc(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Area under the ROC curve, as the Mann-Whitney statistic with ties counted half."""
    positive, negative = _by_score(truth, predicted, weights)
    below = np.cumsum(negative, axis=1) - negative
    wins = (positive * (below + negative / 2)).sum(axis=1)
    return ratio(wins, positive.sum(axis=1) * negative.sum(axis=1))


def average_precision(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Precision at each distinct score, weighted by the gain in recall."""
    positive, negative = (part[:, ::-1] for part in _by_score(truth, predicted, weights))
    found = np.cumsum(positive, axis=1)
    called = found + np.cumsum(negative, axis=1)
    gained = np.divide(found * positive, called, out=np.zeros_like(found), where=called > 0)
    return ratio(gained.sum(axis=1), positive.sum(axis=1))


def mean_squared_error(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean squared difference; of probabilities and classes, the Brier score."""
    return mean((truth - predicted) ** 2, weights)


def mean_absolute_error(truth: NDArray[Any], predicted: NDArray[Any], weights: Floats) -> Floats:
    """Mean absolute difference."""
    return mean(np.abs(truth - predicted), weights)


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
    return 1 - ratio(weights @ (truth - predicted) ** 2, total)


def mean_absolute_percentage_error(
    truth: NDArray[Any], predicted: NDArray[Any], weights: Floats
) -> Floats:
    """Mean absolute difference as a share of the truth, which scikit-learn keeps off zero."""
    floor = np.maximum(np.abs(truth), np.finfo(np.float64).eps)
    return mean(np.abs(truth - predicted) / floor, weights)


def symmetric_mean_absolute_percentage_error(
    truth: NDArray[Any], predicted: NDArray[Any], weights: Floats
) -> Floats:
    """Mean absolute difference as a share of the mean of both sizes, 0 to 2."""
    return mean(symmetric_errors(truth, predicted), weights)


def symmetric_errors(truth: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """Return 2 |y - f| / (|y| + |f|) of each row, 0 where both are 0, shape (rows,).

    As Makridakis et al., The M4 Competition (2020), define sMAPE, without the factor of 100.
    """
    sizes = np.abs(truth) + np.abs(predicted)
    return np.nan_to_num(ratio(2 * np.abs(truth - predicted), sizes))


def mean(values: Floats, weights: Floats) -> Floats:
    """Return the mean of the drawn rows."""
    return ratio(weights @ values, weights.sum(axis=1))


def ratio(above: Floats, below: Floats) -> Floats:
    """Return the quotient, NaN where it is not defined."""
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
