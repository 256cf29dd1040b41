"""Features of the past: lags, windows over them, and the calendar.

A lag of k is the value k time points earlier in the same series, so that a row never sees its
own target. The order of the rows in the table does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.specs.types.data import TemporalSplit
from mergeline.specs.types.features import CalendarTransform, LagTransform, RollingTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.specs.types.data import Data
    from mergeline.specs.types.features import Feature


@dataclass(frozen=True, slots=True)
class TimeOrder:
    """What orders the rows of a forecast.

    Attributes:
        time_column: the time point of a row.
        series_column: the series that it is of; None: there is one series.
    """

    time_column: str
    series_column: str | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that a row is known by."""
        series = [] if self.series_column is None else [self.series_column]
        return [*series, self.time_column]


def order_of(data: Data) -> TimeOrder | None:
    """Return what orders the rows of a forecast; None: the model forecasts nothing."""
    if data.forecast is None or not isinstance(data.split, TemporalSplit):
        return None
    return TimeOrder(data.split.time_column, data.forecast.series_column)


def output_columns(feature: Feature) -> list[str]:
    """Return the names of the columns that a feature of the past or the calendar has."""
    return [f"{feature.name}_{name}_{part}" for name in feature.inputs for part in _parts(feature)]


def _parts(feature: Feature) -> Sequence[str]:
    transform = feature.transform
    if isinstance(transform, LagTransform):
        return [str(lag) for lag in transform.lags]
    if isinstance(transform, RollingTransform):
        return [transform.statistic]
    assert isinstance(transform, CalendarTransform)
    return transform.parts


def reach(features: Sequence[Feature]) -> int:
    """Return how many earlier time points the features look back upon."""
    steps = [0]
    for feature in features:
        if isinstance(feature.transform, LagTransform):
            steps += feature.transform.lags
        elif isinstance(feature.transform, RollingTransform):
            steps.append(feature.transform.lag + feature.transform.window - 1)
    return max(steps)


def columns_of(frame: pd.DataFrame, feature: Feature, order: TimeOrder | None) -> dict[str, Any]:
    """Return the columns of a feature of the past or the calendar, by name.

    Each of float64 and shape (rows,); NaN where the table does not reach back far enough.
    """
    transform, found = feature.transform, []
    for name in feature.inputs:
        if isinstance(transform, CalendarTransform):
            # The parts have pandas' names.
            found += [getattr(frame[name].dt, part) for part in transform.parts]
        elif isinstance(transform, RollingTransform):
            assert order is not None
            found.append(rolled(frame, name, order, transform))
        else:
            assert isinstance(transform, LagTransform)
            assert order is not None
            found += [shifted(frame, name, order, lag) for lag in transform.lags]
    names = output_columns(feature)
    return {
        name: np.asarray(values, dtype=np.float64)
        for name, values in zip(names, found, strict=True)
    }


def shifted(frame: pd.DataFrame, name: str, order: TimeOrder, steps: int) -> NDArray[np.float64]:
    """Return the values of a column some time points earlier, shape (rows,)."""
    return _each_series(frame, name, order, lambda values: values.shift(steps))


def rolled(
    frame: pd.DataFrame, name: str, order: TimeOrder, rolling: RollingTransform
) -> NDArray[np.float64]:
    """Return a statistic of a window that ends some time points earlier, shape (rows,)."""
    return _each_series(
        frame,
        name,
        order,
        lambda values: values.shift(rolling.lag).rolling(rolling.window).agg(rolling.statistic),
    )


def positions(frame: pd.DataFrame, order: TimeOrder) -> NDArray[np.int64]:
    """Return how many earlier time points the series of each row has, shape (rows,)."""
    rows = frame.reset_index(drop=True).sort_values(order.columns, kind="stable")
    if order.series_column is None:
        return np.argsort(rows.index.to_numpy()).astype(np.int64)
    counted = rows.groupby(order.series_column, sort=False, dropna=False).cumcount()
    return np.asarray(counted.sort_index(), dtype=np.int64)


def _each_series(
    frame: pd.DataFrame,
    name: str,
    order: TimeOrder,
    function: Callable[[pd.Series[float]], pd.Series[float]],
) -> NDArray[np.float64]:
    rows = frame.reset_index(drop=True).sort_values(order.columns, kind="stable")
    values = rows[name].astype("float64")
    if order.series_column is None:
        found = function(values)
    else:
        series = rows[order.series_column]
        found = values.groupby(series, sort=False, dropna=False).transform(function)
    return np.asarray(found.sort_index(), dtype=np.float64)
