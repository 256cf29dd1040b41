"""What a report draws: curves, bins, tables and residuals, as plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mergeline.pipeline.predictions import Predictions
    from mergeline.pipeline.scoring import TestSet

_POINTS = 200
_RESIDUALS = 500
_BINS = 10
# A table of more classes is read by nobody.
_CLASSES = 20
# Where no row may be shown, each point stands for at least so many.
_CROWD = 10


def curves(test: TestSet, predictions: Predictions, *, quotable: bool) -> dict[str, Any]:
    """Return everything to draw for one model on the test set.

    Classes: `classes` and `confusion`, rows by actual and columns by said class; for 0 and 1
    with probabilities also `roc` (fpr, tpr), `precision_recall` (recall, precision) and
    `calibration` (predicted, observed, rows per bin). Numbers: `residuals` (predicted, actual,
    residual), at most 500 rows, evenly taken; of a forecast also `forecast` (times, actual,
    predicted, naive, each summed over `series` series), the latest 500 time points.
    Nothing if a prediction is NaN or infinite.

    Args:
        test: the test set.
        predictions: what the model says of it.
        quotable: may values of rows be shown? If not, a residual is the mean of ten rows with
            neighbouring predictions, and a forecast is shown of at least ten series.
    """
    drawn: dict[str, Any]
    if not _finite(predictions):
        return {}
    if test.classes is None:
        shown = (test.truth, predictions.values)
        if not quotable:
            shown = _crowds(*shown)
        drawn = {"residuals": _residuals(*shown)}
        return drawn | _forecast(test, predictions, least=1 if quotable else _CROWD)
    drawn = {}
    if len(test.classes) <= _CLASSES:
        drawn["classes"] = [str(label) for label in test.classes]
        drawn["confusion"] = _confusion(test.truth, predictions.values, len(test.classes))
    if predictions.positive is not None:
        drawn |= _of_probabilities(test.truth, predictions.positive)
    return drawn


def _finite(predictions: Predictions) -> bool:
    parts = (predictions.values, predictions.probabilities)
    return all(bool(np.isfinite(part).all()) for part in parts if part is not None)


def _of_probabilities(truth: NDArray[Any], scores: NDArray[np.float64]) -> dict[str, Any]:
    from sklearn.metrics import precision_recall_curve, roc_curve

    false, true, _ = roc_curve(truth, scores)
    precision, recall, _ = precision_recall_curve(truth, scores)
    steps = np.union1d(_along(false), _along(true))
    recalled = _along(recall)
    return {
        "roc": {"fpr": _rounded(false[steps]), "tpr": _rounded(true[steps])},
        "precision_recall": {
            "recall": _rounded(recall[recalled]),
            "precision": _rounded(precision[recalled]),
        },
        "calibration": _calibration(truth, scores),
    }


def _confusion(truth: NDArray[Any], said: NDArray[Any], classes: int) -> list[list[int]]:
    # What only another model knows (-1) has no column.
    known = said >= 0
    places = truth[known] * classes + said[known]
    table = np.bincount(places, minlength=classes * classes).reshape(classes, classes)
    return [[int(cell) for cell in row] for row in table]


def _calibration(truth: NDArray[Any], scores: NDArray[np.float64]) -> list[dict[str, Any]]:
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    return [
        {
            "predicted": _round(scores[bins == number].mean()),
            "observed": _round(truth[bins == number].mean()),
            "rows": int((bins == number).sum()),
        }
        for number in range(_BINS)
        if (bins == number).any()
    ]


def _residuals(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, list[float]]:
    chosen = _evenly(len(truth), _RESIDUALS)
    return {
        "predicted": [_round(value) for value in predicted[chosen]],
        "actual": [_round(value) for value in truth[chosen]],
        "residual": [_round(value) for value in (truth - predicted)[chosen]],
    }


def _crowds(
    truth: NDArray[Any], predicted: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means of rows with neighbouring predictions, none of fewer than a crowd."""
    count = len(truth) // _CROWD
    if not count:
        return np.empty(0), np.empty(0)
    groups = np.array_split(np.argsort(predicted, kind="stable"), count)
    means = [(truth[rows].mean(), predicted[rows].mean()) for rows in groups]
    return np.array([one for one, _ in means]), np.array([one for _, one in means])


def _forecast(test: TestSet, predictions: Predictions, *, least: int) -> dict[str, Any]:
    time = test.time
    if time is None:
        return {}
    column = time.order.series_column
    if (1 if column is None else int(test.rows[column].nunique())) < least:
        return {}
    moments = np.unique(test.rows[time.order.time_column].to_numpy())[-_RESIDUALS:]
    sums = {
        "actual": test.truth,
        "predicted": predictions.values,
        "naive": time.naive,
    }
    summed = {name: np.bincount(time.points, weights=each) for name, each in sums.items()}
    series = time.order.series_column
    return {
        "forecast": {
            "times": [str(moment) for moment in _moments(moments)],
            **{name: [_known(one) for one in each[-_RESIDUALS:]] for name, each in summed.items()},
            "series": 1 if series is None else int(test.rows[series].nunique()),
        }
    }


def _moments(values: NDArray[Any]) -> Any:
    """Return moments in whole seconds, as ISO 8601 has them; numbers as they are."""
    return values.astype("datetime64[s]") if values.dtype.kind == "M" else values


def _known(value: Any) -> float | None:
    return _round(value) if np.isfinite(value) else None


def _along(values: NDArray[Any]) -> NDArray[Any]:
    """Return indices, both ends among them, that lie evenly along monotone values."""
    rising = values if values[0] <= values[-1] else values[::-1]
    found = np.searchsorted(rising, np.linspace(rising[0], rising[-1], _POINTS))
    chosen = np.unique(np.concatenate([[0, len(values) - 1], found]))
    return chosen if rising is values else np.sort(len(values) - 1 - chosen)


def _rounded(values: NDArray[Any]) -> list[float]:
    return [_round(value) for value in values]


def _evenly(count: int, wanted: int) -> NDArray[Any]:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))


def _round(value: Any) -> float:
    return float(f"{float(value):.6g}")
