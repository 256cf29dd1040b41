"""A CSV or Parquet file in the model folder."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_bytes
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.suggestion import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import Column, FileSource

_CSV_TYPES = {"float64": "float64", "int64": "Int64", "bool": "boolean", "string": "object"}


def inputs(context: Context, source: FileSource) -> Mapping[str, Any]:
    """Return the digest of the file."""
    content = context.model.files.get(source.path)
    return {"file": None if content is None else digest_bytes(content)}


def uri(context: Context, source: FileSource) -> str:
    """Return the path from the repository's root."""
    return f"{context.model.path}/{source.path}"


def read(context: Context, source: FileSource) -> pd.DataFrame:
    """Return the rows of the file, a CSV's values read as the declared types.

    Raises:
        StepFailedError: the file is not there, of no known format, or cannot be read.
    """
    content = context.model.files.get(source.path)
    if content is None:
        known = [name for name in context.model.files if name.endswith((".csv", ".parquet"))]
        raise _failed(
            context, "missing-file", f"there is no {source.path}", suggest(source.path, known)
        )
    try:
        if source.path.endswith(".parquet"):
            return parquet_frame(content)
        if source.path.endswith(".csv"):
            return csv_frame(content, context.model.data.datasets[0].columns)
    except (ValueError, OSError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        message = f"{source.path} cannot be read: {lines[0]}"
        raise _failed(context, "unreadable-data", message, "see the columns' types") from None
    raise _failed(context, "unknown-format", f"{source.path} is no table", "known: .csv, .parquet")


def parquet_frame(content: bytes) -> pd.DataFrame:
    """Return the rows of a Parquet file.

    Raises:
        ValueError: it is none; OSError too.
    """
    import pandas as pd

    return pd.read_parquet(io.BytesIO(content))


def csv_frame(content: bytes, columns: Sequence[Column]) -> pd.DataFrame:
    """Return the rows of a CSV file, the values of each declared column read as its type.

    Raises:
        ValueError: it cannot be parsed, or a value is of another type.
    """
    import pandas as pd

    header = pd.read_csv(io.BytesIO(content), nrows=0).columns
    there = [column for column in columns if column.name in header]
    types = {column.name: _CSV_TYPES[column.type] for column in there if column.type in _CSV_TYPES}
    dates = [column.name for column in there if column.type == "datetime64"]
    # A type by column is what pandas takes; its stubs know only a fixed set of keys.
    dtype: Any = types
    return pd.read_csv(io.BytesIO(content), dtype=dtype, parse_dates=dates)


def _failed(context: Context, rule: str, message: str, hint: str | None) -> StepFailedError:
    place = ("datasets", 0, "source", "path")
    document = context.model.documents["data.yaml"]
    return StepFailedError([document.finding(rule, message, place, hint=hint)])
