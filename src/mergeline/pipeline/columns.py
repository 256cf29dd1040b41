"""Columns of a frame by their declared types: as arrays, and in one canonical form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mergeline.specs.types.data import Column


class ColumnTypeError(ValueError):
    """A column's values are not of its declared type; the message names what they are."""


def read_column(series: pd.Series[Any], kind: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the values of a column and which of them are null.

    Args:
        series: the column.
        kind: the declared type; NaN and NaT are nulls.

    Returns:
        Values of dtype float64, int64, bool, object (of str) or int64 (datetime64: nanoseconds
        since 1970 in UTC), zero or empty where null; and the null mask. Both of shape (rows,).

    Raises:
        ColumnTypeError: a value is of another type.
    """
    nulls = series.isna().to_numpy(dtype=bool)
    return _READERS[kind](series, nulls), nulls


def canonical_frame(frame: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Return the declared columns, in their order, each in one dtype whatever the source.

    float64, int64 and bool (float64 with NaN where there are nulls), str as object, and
    datetime64[ns] without time zone (UTC).

    Raises:
        ColumnTypeError: a value is of another type.
    """
    return pd.DataFrame(
        {column.name: _canonical(frame[column.name], column.type) for column in columns}
    )


def _canonical(series: pd.Series[Any], kind: str) -> Any:
    values, nulls = read_column(series, kind)
    if kind == "datetime64":
        moments = values.astype("datetime64[ns]")
        moments[nulls] = np.datetime64("NaT", "ns")
        return moments
    if kind == "string":
        values[nulls] = None
        return pd.Series(values.tolist(), index=series.index, dtype="object")
    if not nulls.any():
        return values
    return np.where(nulls, np.nan, values.astype(np.float64))


def _floats(series: pd.Series[Any], nulls: NDArray[np.bool_]) -> NDArray[Any]:
    if _kind(series) != "f":
        raise ColumnTypeError(_found(series))
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    # Minus zero equals zero, and so must its bytes.
    return np.where(nulls, 0.0, values) + 0.0


def _integers(series: pd.Series[Any], nulls: NDArray[np.bool_]) -> NDArray[Any]:
    kind = _kind(series)
    if kind in {"i", "u"}:
        return series.fillna(0).to_numpy(dtype=np.int64)
    if kind == "f" and nulls.any():
        values = np.where(nulls, 0.0, series.to_numpy(dtype=np.float64, na_value=np.nan))
        if np.array_equal(values, np.trunc(values)):
            return values.astype(np.int64)
    raise ColumnTypeError(_found(series))


def _booleans(series: pd.Series[Any], nulls: NDArray[np.bool_]) -> NDArray[Any]:
    values = series[~nulls]
    if _kind(series) != "b" and not all(isinstance(value, (bool, np.bool_)) for value in values):
        raise ColumnTypeError(_found(series))
    filled = np.zeros(len(series), dtype=bool)
    filled[~nulls] = values.to_numpy(dtype=bool)
    return filled


def _strings(series: pd.Series[Any], nulls: NDArray[np.bool_]) -> NDArray[Any]:
    values = series.to_numpy(dtype=object)
    if pd.api.types.infer_dtype(values[~nulls], skipna=False) not in {"string", "empty"}:
        raise ColumnTypeError(_found(series))
    return np.where(nulls, "", values)


def _moments(series: pd.Series[Any], nulls: NDArray[np.bool_]) -> NDArray[Any]:
    if _kind(series) != "M":
        raise ColumnTypeError(_found(series))
    plain = series.dt.tz_convert("UTC").dt.tz_localize(None) if _zoned(series) else series
    values = plain.to_numpy().astype("datetime64[ns]").astype(np.int64)
    return np.where(nulls, 0, values)


def _zoned(series: pd.Series[Any]) -> bool:
    return isinstance(series.dtype, pd.DatetimeTZDtype)


def _kind(series: pd.Series[Any]) -> str:
    return str(getattr(series.dtype, "kind", "O"))


def _found(series: pd.Series[Any]) -> str:
    if series.dtype != object:
        return str(series.dtype)
    names = sorted({type(value).__name__ for value in series.dropna().head(1000)})
    return f"object of {' and '.join(names)}" if names else str(series.dtype)


_READERS = {
    "float64": _floats,
    "int64": _integers,
    "bool": _booleans,
    "string": _strings,
    "datetime64": _moments,
}
