"""The declared type of a column, from its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from mergeline.errors import RefusedError

if TYPE_CHECKING:
    import pandas as pd

    from mergeline.specs.types.scalars import ColumnType

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9:]{4,6})?)?"
)
_BY_KIND = {"b": "bool", "i": "int64", "u": "int64", "f": "float64", "M": "datetime64"}


def column_type(series: pd.Series[Any], *, text: bool) -> ColumnType:
    """Return the type of a column.

    Args:
        series: the column as pandas reads it by itself.
        text: is it from a file without types, so that words may be moments (ISO 8601)?

    Raises:
        RefusedError: its values are of no type that a spec knows.
    """
    kind = _BY_KIND.get(str(getattr(series.dtype, "kind", "O")))
    if kind is None:
        kind = _of_objects(series, text=text)
    elif kind == "float64":
        _check_finite(series)
    return cast("ColumnType", kind)


def _check_finite(series: pd.Series[Any]) -> None:
    if series.abs().eq(float("inf")).any():
        raise RefusedError(
            f'column "{series.name}" holds an infinite number', hint="leave such values empty"
        )


def _of_objects(series: pd.Series[Any], *, text: bool) -> str:
    values = series.dropna()
    if all(isinstance(value, bool) for value in values) and len(values):
        return "bool"
    if not all(isinstance(value, str) for value in values):
        names = sorted({type(value).__name__ for value in values.head(1000)})
        raise RefusedError(
            f'column "{series.name}" holds {" and ".join(names)}, for which there is no type',
            hint="write numbers, words, truth values or moments (ISO 8601)",
        )
    if text and len(values) and all(_MOMENT.fullmatch(value) for value in values):
        return "datetime64"
    return "string"
