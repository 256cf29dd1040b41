"""What a forecast is measured against: the seasonal naive one, over blocks of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mergeline.pipeline.lags import TimeOrder, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mergeline.specs.types.data import Forecast


@dataclass(frozen=True, slots=True)
class Timeline:
    """When the test rows are, and what the past says of them.

    Attributes:
        order: what orders the rows.
        past: the rows before the test rows, as the dataset has them.
        points: the place of each row's time among all test times, shape (rows,).
        scale: the seasonal naive forecast's mean absolute error on the training rows of each
            row's series, shape (rows,); NaN where it is zero or unknown.
        naive: the seasonal naive forecast of each row, shape (rows,); NaN where the past is
            too short.
    """

    order: TimeOrder
    past: pd.DataFrame
    points: NDArray[np.int64]
    scale: NDArray[np.float64]
    naive: NDArray[np.float64]


def timeline(
    target: str,
    forecast: Forecast,
    order: TimeOrder,
    rows: pd.DataFrame,
    past: pd.DataFrame,
    trained: NDArray[np.bool_],
) -> Timeline:
    """Return the timeline of the test rows.

    Args:
        target: the column that is forecast.
        forecast: says the horizon and the season.
        order: of the rows.
        rows: the test rows.
        past: the rows before them.
        trained: which of the past rows the model learned from, shape (past rows,).
    """
    times = rows[order.time_column].to_numpy()
    return Timeline(
        order,
        past,
        np.unique(times, return_inverse=True)[1].astype(np.int64),
        _scale(past[trained], rows, target, order, forecast.seasonal_period),
        naive_forecast(target, rows, past, order, forecast),
    )


def naive_lag(forecast: Forecast) -> int:
    """Return how far the seasonal naive forecast looks back: whole seasons, not in the horizon."""
    return forecast.seasonal_period * -(-forecast.horizon // forecast.seasonal_period)


def naive_forecast(
    target: str, rows: pd.DataFrame, past: pd.DataFrame, order: TimeOrder, forecast: Forecast
) -> NDArray[np.float64]:
    """Return the last value of the same season that is known a horizon ahead, shape (rows,).

    Hyndman & Athanasopoulos, Forecasting: Principles and Practice (2021), section 5.2.
    """
    whole = pd.concat([past, rows], ignore_index=True)
    return shifted(whole, target, order, naive_lag(forecast))[len(past) :]


def _scale(
    trained: pd.DataFrame, rows: pd.DataFrame, target: str, order: TimeOrder, period: int
) -> NDArray[np.float64]:
    """Return the scale of the mean absolute scaled error of each row, shape (rows,).

    The mean absolute error of y(t - period) on the training rows: Hyndman & Koehler, Another
    look at measures of forecast accuracy (2006), with a season.
    """
    errors = np.abs(trained[target].to_numpy(np.float64) - shifted(trained, target, order, period))
    if order.series_column is None:
        known = errors[np.isfinite(errors)]
        scale = np.full(len(rows), known.mean() if len(known) else np.nan)
    else:
        by_series = pd.Series(errors).groupby(trained[order.series_column].to_numpy()).mean()
        scale = rows[order.series_column].map(by_series).to_numpy(dtype=np.float64)
    return np.where(scale > 0, scale, np.nan)


def recent(past: pd.DataFrame, row: pd.DataFrame, order: TimeOrder, steps: int) -> pd.DataFrame:
    """Return the last rows of one row's series before it: what a request brings with it."""
    before = past[past[order.time_column] < row[order.time_column].iloc[0]]
    if order.series_column is not None:
        before = before[before[order.series_column] == row[order.series_column].iloc[0]]
    latest: pd.DataFrame = before.nlargest(steps, order.time_column)
    return latest
