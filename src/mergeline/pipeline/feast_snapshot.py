"""The rows of a dataset as Feast reads them: with a key and with a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_snapshot(
    data: Path,
    target: Path,
    columns: Sequence[str],
    number: str | None,
    time: str | None,
    timestamp: str,
) -> None:
    """Write some columns of a dataset as Parquet.

    Args:
        data: what the data step wrote.
        target: the file to write.
        columns: the columns, in their order.
        number: the name of a column that numbers the rows from 0; None: it gets none.
        time: the column that says since when a row holds, in UTC; None: since 1970.
        timestamp: the name of the column with that time.

    Raises:
        OSError: it cannot be read or written.
    """
    import pandas as pd

    frame = pd.read_parquet(data, engine="pyarrow")
    made = frame[list(columns)].copy()
    if number is not None:
        made[number] = range(len(frame))
    moments = pd.Series(pd.Timestamp(0), index=frame.index) if time is None else frame[time]
    made[timestamp] = moments.astype("datetime64[us]").dt.tz_localize("UTC")
    target.parent.mkdir(parents=True, exist_ok=True)
    made.to_parquet(target, engine="pyarrow", index=False)
