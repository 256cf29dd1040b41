"""The rows of a dataset as Feast reads them: with a key and with a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.errors import UsageError
from mergeline.sandbox import Child

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to write.

    Attributes:
        data: what the data step wrote.
        target: the file to write.
        columns: the columns, in their order.
        number: the name of a column that numbers the rows from 0; None: it gets none.
        time: the column that says since when a row holds, in UTC; None: since 1970.
        timestamp: the name of the column with that time.
    """

    data: Path
    target: Path
    columns: tuple[str, ...]
    number: str | None
    time: str | None
    timestamp: str


def write_snapshots(snapshots: Iterable[Rows]) -> None:
    """Write some columns of each dataset as Parquet, in a process without credentials.

    Raises:
        UsageError: one cannot be read or written.
    """
    with Child(f"{__name__}:Writer", what="the export of rows") as child:
        child.call()
        for one in snapshots:
            child.call("write", one)


class Writer:
    """What runs in that process."""

    def write(self, rows: Rows) -> None:
        """Write one file."""
        import pandas as pd

        frame = pd.read_parquet(rows.data, engine="pyarrow")
        made = frame[list(rows.columns)].copy()
        if rows.number is not None:
            made[rows.number] = range(len(frame))
        moments = (
            pd.Series(pd.Timestamp(0), index=frame.index) if rows.time is None else frame[rows.time]
        )
        made[rows.timestamp] = moments.astype("datetime64[us]").dt.tz_localize("UTC")
        try:
            rows.target.parent.mkdir(parents=True, exist_ok=True)
            made.to_parquet(rows.target, engine="pyarrow", index=False)
        except OSError as error:
            raise UsageError(
                f"{rows.target} cannot be written: {error.strerror}",
                hint="choose another folder with --output DIR",
            ) from None
