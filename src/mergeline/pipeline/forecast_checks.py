"""What can be wrong with the time of a forecast's rows once the data is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context


def bad_series(context: Context, frame: pd.DataFrame) -> Iterator[Finding]:
    """Give a finding if the rows are no series of evenly spaced, single time points."""
    from mergeline.pipeline.lags import order_of
    from mergeline.pipeline.series import SeriesError, check_series

    order = order_of(context.model.data)
    if order is None:
        return
    try:
        check_series(frame, order)
    except SeriesError as error:
        document = context.model.documents["data.yaml"]
        place = ("split", "time_column")
        yield document.finding(error.rule, error.message, place, hint=error.hint)


def reaching_back(context: Context, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows have all the past that the features look back upon, shape (rows,)."""
    import numpy as np

    from mergeline.pipeline.lags import order_of, positions, reach

    order = order_of(context.model.data)
    if order is None:
        return np.ones(len(frame), dtype=np.bool_)
    return positions(frame, order) >= reach(context.model.features.features)


def short_series(
    context: Context, frame: pd.DataFrame, test: NDArray[np.bool_]
) -> Iterator[Finding]:
    """Give a finding if test rows lack the past that the features look back upon."""
    short = test & ~reaching_back(context, frame)
    if not short.any():
        return
    from mergeline.pipeline.lags import order_of, reach

    order, steps = order_of(context.model.data), reach(context.model.features.features)
    name = order and order.series_column
    where = f' of series "{frame.loc[short, name].iloc[0]}"' if name else ""
    message = f"{int(short.sum())} test rows{where} have fewer than {steps} time points before them"
    hint = "shorten lags and windows, test on less, or leave short series out"
    document = context.model.documents["data.yaml"]
    yield document.finding("series-too-short", message, ("split", "test_fraction"), hint=hint)
