"""The user's table: read as the pipeline will read it, or refused with what to mend."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError, UsageError
from mergeline.pipeline.columns import ColumnTypeError, canonical_frame
from mergeline.pipeline.frame_digest import digest_frame
from mergeline.pipeline.sources.table import csv_frame, parquet_frame
from mergeline.scaffold.types import column_type
from mergeline.specs.types.data import Column

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_LEAST_ROWS = 20
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the pipeline sees it.

    Attributes:
        content: the bytes of the file.
        frame: the rows, in canonical dtypes.
        columns: the columns with their types, in the order of the file.
        digest: of the content, in canonical form.
    """

    content: bytes
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    digest: str


def read_table(path: Path) -> Table:
    """Read a CSV or Parquet file and infer the types of its columns.

    Raises:
        UsageError: there is no such file, or it is of another format.
        RefusedError: it cannot be learned from as it is; the message says what to mend.
    """
    content = _content(path)
    try:
        return _table(path, content)
    except UnicodeDecodeError:
        raise _refused(path, "is not UTF-8", "save it as UTF-8") from None
    except ColumnTypeError as error:
        raise _refused(path, f"has a column of mixed types: {error}", "write one type") from None
    except (ValueError, OSError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        is_csv = path.suffix.lower() == ".csv"
        hint = "open it in a text editor at the line that is named" if is_csv else "write it again"
        raise _refused(path, f"cannot be read: {said}", hint) from None


def _content(path: Path) -> bytes:
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UsageError(f"{path} is no .csv or .parquet", hint="save the table as one of them")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _table(path: Path, content: bytes) -> Table:
    is_csv = path.suffix.lower() == ".csv"
    if is_csv:
        _check_csv(path, content)
    raw = csv_frame(content, ()) if is_csv else parquet_frame(content)
    _check_shape(path, raw)
    columns = tuple(
        Column(name=name, type=column_type(raw[name], text=is_csv), nullable=_has_nulls(raw[name]))
        for name in map(str, raw.columns)
    )
    read = csv_frame(content, columns) if is_csv else raw
    frame = canonical_frame(read, columns)
    return Table(content, frame, columns, digest_frame(frame, columns))


def _has_nulls(series: pd.Series[Any]) -> bool:
    return bool(series.isna().any())


def _check_csv(path: Path, content: bytes) -> None:
    """Refuse what pandas would read as something else without a word."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = next(rows, [])
    if not any(name.strip() for name in header):
        raise _refused(path, "has no header", "write the columns' names into the first line")
    if "" in header:
        hint = "name it, or write the file without its index: frame.to_csv(path, index=False)"
        raise _refused(path, f"has no name for column {header.index('') + 1}", hint)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise _refused(path, f"has two columns named {twice[0]!r}", "rename one of them")
    other = _other_separator(content, header)
    if len(header) == 1 and other:
        raise _refused(path, f"is separated by {other}", "save it separated by commas")
    for row in rows:
        if row and len(row) != len(header):
            if other:
                raise _refused(path, f"is separated by {other}", "save it separated by commas")
            found = f"has {len(row)} values in line {rows.line_num}, its header {len(header)}"
            raise _refused(path, found, "mend the line; values that hold commas need quotes")


def _other_separator(content: bytes, header: list[str]) -> str | None:
    """Return what the columns' names are rather separated by, if not by commas."""
    # A carriage return ends a line, too.
    first = content.decode("utf-8-sig").replace("\r", "\n").partition("\n")[0]
    for separator, name in _SEPARATORS.items():
        if len(next(csv.reader([first], delimiter=separator), [])) > len(header):
            return name
    return None


def _check_shape(path: Path, frame: pd.DataFrame) -> None:
    if len(frame) < _LEAST_ROWS:
        found = f"has {len(frame)} rows"
        raise _refused(path, found, f"at least {_LEAST_ROWS} are needed to train and to test")
    for name in frame.columns:
        if not isinstance(name, str) or not name or not name.isprintable():
            raise _refused(path, f"has a column named {name!r}", "give it a name that prints")


def _refused(path: Path, found: str, hint: str) -> RefusedError:
    return RefusedError(f"{path.name} {found}", hint=hint)
