"""The rows of an answer as a Parquet file, each value of the declared type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mergeline.pipeline.sources.query import Answer
    from mergeline.specs.types.data import Column


class ValueTypeError(ValueError):
    """A value is not of the type that is declared for its column.

    Attributes:
        index: the column's place among those that are declared.
    """

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


def write_snapshot(answer: Answer, columns: Sequence[Column], file: Path) -> int:
    """Write an answer to a file, holding one part of it at a time; equal rows make equal bytes.

    Returns:
        The number of rows.

    Raises:
        ValueTypeError: a value is of another type.
        QueryError: the database refuses while the rows come.
    """
    import pyarrow as pa
    from pyarrow import parquet

    places = {column.name: index for index, column in enumerate(columns)}
    declared = [(columns[places[name]], places[name]) for name in answer.names]
    schema = pa.schema([(column.name, _arrow(column.type)) for column, _ in declared])
    rows = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for part in answer.parts:
            values = zip(*part, strict=True)
            arrays = [
                _array(list(each), column, index)
                for each, (column, index) in zip(values, declared, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += len(part)
    return rows


def _arrow(kind: str) -> Any:
    import pyarrow as pa

    types = {
        "float64": pa.float64(),
        "int64": pa.int64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "datetime64": pa.timestamp("ns"),
    }
    return types[kind]


def _array(values: list[Any], column: Column, index: int) -> Any:
    import pyarrow as pa

    read = _READERS[column.type]
    value = None
    try:
        for row, value in enumerate(values):
            if value is not None:
                values[row] = read(value)
        return pa.array(values, type=_arrow(column.type))
    except (TypeError, ValueError, OverflowError, ArithmeticError, pa.ArrowException):
        name = type(value).__name__
        message = f'column "{column.name}" holds a {name} that is no {column.type}'
        raise ValueTypeError(message, index) from None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    return float(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or int(value) != value:
        raise TypeError
    return int(value)


def _truth(value: Any) -> bool:
    """Read 0 and 1 as well: SQLite knows no other."""
    if isinstance(value, float) or value not in {0, 1}:
        raise TypeError
    return bool(value)


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: Any) -> datetime:
    """Read texts in ISO 8601 as well, as SQLite keeps them; without a zone it is UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    raise TypeError


_READERS: dict[str, Callable[[Any], Any]] = {
    "float64": _number,
    "int64": _integer,
    "bool": _truth,
    "string": _words,
    "datetime64": _moment,
}
