"""A table in a CSV or Parquet file, wherever the file came from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.pipeline.step import StepFailedError
from mergeline.specs.address import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import Column

_CSV_TYPES = {"float64": "float64", "int64": "Int64", "bool": "boolean", "string": "object"}


def check_format(context: Context, name: str, key: str) -> None:
    """Look whether a file's name tells a format that can be read.

    Raises:
        StepFailedError: it does not; the finding is at that key of the source.
    """
    if not name.endswith(TABLES):
        message, hint = f"{name} is no table", f"known: {', '.join(TABLES)}"
        raise failed(context, "unknown-format", message, key, hint)


def read_table(context: Context, content: bytes | Path, name: str, key: str) -> pd.DataFrame:
    """Return the rows of a file, a CSV's values read as the declared types.

    Args:
        context: the run.
        content: the file's bytes, or where they are.
        name: the file's name, which tells the format.
        key: the key of the source that names it, for findings.

    Raises:
        StepFailedError: it is of no known format, or cannot be read.
    """
    check_format(context, name, key)
    try:
        if name.endswith(".parquet"):
            return parquet_frame(content)
        return csv_frame(content, context.model.data.datasets[0].columns)
    except (ValueError, OSError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        # A parser quotes the value that it stumbles over.
        quotable = context.model.data.datasets[0].quotable
        message = f"{name} cannot be read: {lines[0] if quotable else type(error).__name__}"
        hint = "see the columns' types"
        raise failed(context, "unreadable-data", message, key, hint) from None


def parquet_frame(content: bytes | Path) -> pd.DataFrame:
    """Return the rows of a Parquet file.

    Raises:
        ValueError: it is none; OSError too.
    """
    import pandas as pd

    return pd.read_parquet(_opened(content), engine="pyarrow")


def csv_frame(content: bytes | Path, columns: Sequence[Column]) -> pd.DataFrame:
    """Return the rows of a CSV file, the values of each declared column read as its type.

    Raises:
        ValueError: it cannot be parsed, or a value is of another type.
    """
    import pandas as pd

    header = pd.read_csv(_opened(content), nrows=0).columns
    there = [column for column in columns if column.name in header]
    types = {column.name: _CSV_TYPES[column.type] for column in there if column.type in _CSV_TYPES}
    dates = [column.name for column in there if column.type == "datetime64"]
    # A type by column is what pandas takes; its stubs know only a fixed set of keys.
    dtype: Any = types
    return pd.read_csv(_opened(content), dtype=dtype, parse_dates=dates)


def failed(
    context: Context, rule: str, message: str, key: str, hint: str | None
) -> StepFailedError:
    """Return the failure with one finding, at a key of the source."""
    document = context.model.documents["data.yaml"]
    return StepFailedError(
        [document.finding(rule, message, ("datasets", 0, "source", key), hint=hint)]
    )


def _opened(content: bytes | Path) -> io.BytesIO | Path:
    return content if isinstance(content, Path) else io.BytesIO(content)
