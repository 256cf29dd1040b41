"""What a forecast needs to know of time, out of the table where the user does not say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError, UsageError
from mergeline.pipeline.lags import TimeOrder
from mergeline.pipeline.series import SeriesError, check_series, time_step
from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.table import Table

# Time points in a season, by the time step as pandas calls it, less what it is anchored at.
_SEASONS = {"h": 24, "D": 7, "B": 5, "W": 52, "MS": 12, "ME": 12, "QS": 4, "QE": 4}
# Fewer time points than this many horizons and seasons leave nothing to test on.
_LEAST = 8


@dataclass(frozen=True, slots=True)
class Timing:
    """What a forecast needs to know of time.

    Attributes:
        order: what orders the rows.
        horizon: how many time points ahead.
        seasonal_period: time points in a season.
        length: time points of the longest series.
        known_ahead: columns that are known a horizon ahead.
    """

    order: TimeOrder
    horizon: int
    seasonal_period: int
    length: int
    known_ahead: tuple[str, ...]


def timing_of(answers: Answers, table: Table) -> tuple[Answers, Timing | None]:
    """Return the answers with their time column, and the timing; None: nothing is forecast.

    Raises:
        UsageError: a flag of a forecast is given to another task, or names no column.
        RefusedError: the table holds no series that can be forecast.
    """
    if answers.task != "forecasting":
        _check_no_flags(answers)
        return answers, None
    _check_columns(answers, table)
    time_column = answers.time_column or _time_column(table)
    order = TimeOrder(time_column, answers.series or _series_column(table, time_column))
    try:
        check_series(table.frame, order)
    except SeriesError as error:
        raise RefusedError(error.message, hint=error.hint) from None
    step, length = time_step(table.frame, order)
    period = answers.seasonal_period or _SEASONS.get(step.partition("-")[0], 1)
    horizon = answers.horizon or period
    if length < _LEAST * max(horizon, period):
        raise RefusedError(
            f"the longest series has {length} time points, a horizon of {horizon} and a season of "
            f"{period} need {_LEAST * max(horizon, period)}",
            hint="bring a longer time, or set --horizon and --seasonal-period",
        )
    known = (*answers.known_ahead, *_unchanging(table, order, answers))
    return replace(answers, time_column=time_column), Timing(order, horizon, period, length, known)


def _check_no_flags(answers: Answers) -> None:
    given = {
        "--horizon": answers.horizon,
        "--seasonal-period": answers.seasonal_period,
        "--series": answers.series,
        "--known-ahead": answers.known_ahead or None,
    }
    for flag, value in given.items():
        if value is not None:
            raise UsageError(f"{flag} is for --template forecasting")


def _check_columns(answers: Answers, table: Table) -> None:
    names = [column.name for column in table.columns]
    flags = [("--time-column", answers.time_column), ("--series", answers.series)]
    for flag, name in [*flags, *(("--known-ahead", name) for name in answers.known_ahead)]:
        if name is not None and name not in names:
            hint = did_you_mean(name, names)
            raise UsageError(f'{flag}: the data has no column "{name}"', hint=hint)
    if answers.target in answers.known_ahead:
        raise UsageError("--known-ahead: the target is what nobody knows ahead")


def _time_column(table: Table) -> str:
    moments = [column.name for column in table.columns if column.type == "datetime64"]
    if len(moments) == 1:
        return moments[0]
    found = f"several columns of moments: {', '.join(moments)}" if moments else "no such column"
    raise RefusedError(
        f"a forecast needs a time column, the data has {found}",
        hint="name it: --time-column; write moments as in 2024-01-31 (ISO 8601)",
    )


def _series_column(table: Table, time_column: str) -> str | None:
    frame = table.frame
    if not frame.duplicated([time_column]).any():
        return None
    apart = [
        column.name
        for column in table.columns
        if column.type in ("string", "int64")
        and column.name != time_column
        and 1 < frame[column.name].nunique() <= len(frame) / _LEAST
        and not frame.duplicated([column.name, time_column]).any()
    ]
    if len(apart) == 1:
        return apart[0]
    found = f"any of {', '.join(apart)} tells" if apart else "no column tells"
    raise RefusedError(
        f'time points of "{time_column}" stand in several rows, and {found} them apart',
        hint="name the column of the series: --series; or keep one row for each time point",
    )


def _unchanging(table: Table, order: TimeOrder, answers: Answers) -> tuple[str, ...]:
    """Return the columns that each series keeps the same, so that they are known ahead."""
    if order.series_column is None:
        return ()
    others = [
        column.name
        for column in table.columns
        if column.name not in (*order.columns, answers.target, *answers.known_ahead)
        and not column.nullable
    ]
    kept = table.frame.groupby(order.series_column)[others].nunique().max()
    return tuple(name for name in others if kept[name] == 1)
