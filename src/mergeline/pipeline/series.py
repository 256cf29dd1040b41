"""Is a table one or more series, each with one value at each of its evenly spaced times?"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.pipeline.lags import TimeOrder

# So many time points tell a frequency such as "the first of each month".
_TELLING = 6


class SeriesError(ValueError):
    """The rows are no series of evenly spaced, single time points."""

    def __init__(self, rule: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint


def check_series(frame: pd.DataFrame, order: TimeOrder) -> None:
    """Look at the time of the rows.

    Raises:
        SeriesError: the first thing that is wrong with it.
    """
    lacking = frame[order.columns].isna().any(axis=1)
    if lacking.any():
        message = f"{int(lacking.sum())} rows lack their time or series"
        raise SeriesError("time-null", message, "leave such rows out where the data is made")
    repeated = frame.duplicated(order.columns)
    if repeated.any():
        raise _twice(frame[repeated], order)
    frequencies: set[str] = set()
    for name, times in _series(frame, order):
        found = _frequency(times)
        if found is None:
            raise _irregular(name, times)
        frequencies.add(found)
    if len(frequencies) > 1:
        message = f"series differ in their time step: {', '.join(sorted(frequencies))}"
        hint = "bring all series to one time step where the data is made"
        raise SeriesError("irregular-time", message, hint)


def time_step(frame: pd.DataFrame, order: TimeOrder) -> tuple[str, int]:
    """Return the time step of good series, and the time points of the longest.

    The step is pandas' name for it (`D`, `MS`, `W-SUN`), or the difference of numbers.
    """
    longest = max((times for _, times in _series(frame, order)), key=len)
    return _frequency(longest) or "", len(longest)


def _series(frame: pd.DataFrame, order: TimeOrder) -> Iterator[tuple[Any, pd.Series[Any]]]:
    times = frame[order.time_column]
    if order.series_column is None:
        yield None, times.sort_values(ignore_index=True)
        return
    for name, part in times.groupby(frame[order.series_column], sort=True):
        yield name, part.sort_values(ignore_index=True)


def _twice(repeated: pd.DataFrame, order: TimeOrder) -> SeriesError:
    first = repeated.iloc[0]
    where = "" if order.series_column is None else f' of series "{first[order.series_column]}"'
    hint = "keep one row for each time point" + (
        ", or name the column that tells series apart: forecast.series_column"
        if order.series_column is None
        else ""
    )
    return SeriesError(
        "duplicate-time",
        f"{len(repeated)} rows repeat a time point{where}, first {first[order.time_column]}",
        hint,
    )


def _frequency(times: pd.Series[Any]) -> str | None:
    """Return the time step in words; None if there is none. Under three points any step fits."""
    if len(times) < 3:
        return "" if len(times) < 2 else None
    if times.dtype.kind == "M":
        return _inferred(times)
    steps = np.diff(times.to_numpy(dtype=np.float64))
    return f"{steps[0]:g}" if np.allclose(steps, steps[0], rtol=1e-9, atol=0) else None


def _inferred(times: pd.Series[Any]) -> str | None:
    if len(times) < 3:
        return None
    with warnings.catch_warnings():
        # Newer releases give an offset where older ones give its name, and say so.
        warnings.simplefilter("ignore")
        found: Any = pd.infer_freq(pd.DatetimeIndex(times))
    return None if found is None else str(getattr(found, "freqstr", found))


def _irregular(name: Any, times: pd.Series[Any]) -> SeriesError:
    where = "the series has" if name is None else f'series "{name}" has'
    return SeriesError(
        "irregular-time",
        f"{where} no even time step{_gap(times)}",
        "add the time points that are missing, or bring the rows to a coarser step",
    )


def _gap(times: pd.Series[Any]) -> str:
    """Say where the step that a series begins with is left."""
    expected = _continued(times)
    if expected is None:
        return ""
    wrong = np.flatnonzero(np.asarray(times != expected))
    if not len(wrong):
        return ""
    at = int(wrong[0])
    return f": {expected[at]} is expected after {times[at - 1]}, {times[at]} follows"


def _continued(times: pd.Series[Any]) -> pd.Series[Any] | None:
    start = times.iloc[:_TELLING]
    if times.dtype.kind != "M":
        steps = np.diff(start.to_numpy(dtype=np.float64))
        step = float(np.median(steps))
        return pd.Series(times[0] + step * np.arange(len(times)))
    frequency = _inferred(start)
    if frequency is None:
        step = start.diff().median()
        return pd.Series(times[0] + step * np.arange(len(times)))
    return pd.Series(pd.date_range(times[0], periods=len(times), freq=frequency))
