"""What each column is good for: target, time, a kind of feature, or left out and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError
from mergeline.specs.personal import looks_personal

if TYPE_CHECKING:
    import pandas as pd

    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.table import Table
    from mergeline.scaffold.timing import Timing
    from mergeline.specs.types.data import Column

_MOST_VALUES = 20
# More series than these would be a column each.
_MOST_SERIES = 50
# On average; what has fewer words is a name or a code.
_LEAST_WORDS = 3
_IDENTIFIERS = frozenset({"id", "uuid", "guid", "key"})


class Role(StrEnum):
    """What a column is good for."""

    TARGET = "target"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    CATEGORY = "category"
    TEXT = "text"
    SERIES = "series"
    LEFT_OUT = "left out"


_LEARNED = (Role.NUMBER, Role.FLAG, Role.CATEGORY, Role.TEXT)


@dataclass(frozen=True, slots=True)
class Field:
    """A column and what it is good for.

    Attributes:
        column: its name, its type, and whether values may be missing.
        role: what it is good for.
        personal: does its name speak of a person?
        reason: why it is left out, or None.
        values: what it holds, where these are few words.
    """

    column: Column
    role: Role
    personal: bool = False
    reason: str | None = None
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name


def fields_of(answers: Answers, table: Table, timing: Timing | None) -> tuple[Field, ...]:
    """Give each column of a table its role.

    Raises:
        RefusedError: no column is left to learn from.
    """
    fields = tuple(
        _field(column, table.frame[column.name], answers, timing) for column in table.columns
    )
    if answers.task == "text-classification" and not any(
        field.role is Role.TEXT for field in fields
    ):
        hint = "texts are of several words and rarely repeat; else use --template classification"
        personal = [field.name for field in fields if field.personal]
        if personal:
            named = ", ".join(f'"{name}"' for name in personal)
            hint = f"{named}: a name that speaks of a person; rename it if it does not; or: {hint}"
        raise RefusedError("no column holds texts", hint=hint)
    # A forecast learns from its own past, if from nothing else.
    if timing is None and not any(field.role in _LEARNED for field in fields):
        reasons = "; ".join(f"{field.name}: {field.reason}" for field in fields if field.reason)
        raise RefusedError("no column is left to learn from", hint=reasons or None)
    return fields


def _field(
    column: Column, series: pd.Series[Any], answers: Answers, timing: Timing | None
) -> Field:
    if column.name == answers.target:
        return Field(column, Role.TARGET)
    if column.name == answers.time_column:
        _check_time(column)
        return Field(column, Role.TIME)
    if timing is not None and column.name == timing.order.series_column:
        few = series.nunique() <= _MOST_SERIES
        return Field(column, Role.SERIES, values=tuple(sorted(map(str, series.unique()))) * few)
    if answers.task == "text-classification" and _is_text(column, series):
        return Field(column, Role.TEXT)
    reason = _reason(column, series) or _unknown(column, timing)
    if reason is not None:
        return Field(column, Role.LEFT_OUT, looks_personal(column.name), reason)
    if column.type == "string":
        return Field(column, Role.CATEGORY, values=tuple(sorted(series.dropna().unique())))
    # A truth value that may be missing is a number to pandas: 0, 1 or NaN.
    flag = column.type == "bool" and not column.nullable
    return Field(column, Role.FLAG if flag else Role.NUMBER)


def _check_time(column: Column) -> None:
    if column.nullable:
        raise RefusedError(
            f'the time column "{column.name}" has gaps', hint="leave such rows out of the file"
        )
    if column.type not in ("datetime64", "int64", "float64"):
        raise RefusedError(
            f'the time column "{column.name}" holds {column.type}, which does not order rows',
            hint="write moments as in 2024-01-31 or 2024-01-31T10:00:00 (ISO 8601), or numbers",
        )


def _reason(column: Column, series: pd.Series[Any]) -> str | None:
    """Return why a column is no feature, or None."""
    distinct = series.nunique()
    if looks_personal(column.name):
        return "its name speaks of a person"
    if distinct == 0:
        return "it is empty"
    if distinct == 1 and not column.nullable:
        return "it holds one value only"
    if column.type == "datetime64":
        return "a moment as such repeats never; derive what matters of it (hour, age)"
    if column.type != "float64" and distinct == len(series) and _identifies(column.name):
        return "it numbers the rows"
    if _is_text(column, series):
        return "it holds texts, which --template text-classification learns from"
    if column.type == "string" and distinct > _MOST_VALUES:
        return f"it holds {distinct} different words, more than {_MOST_VALUES}"
    return None


def _is_text(column: Column, series: pd.Series[Any]) -> bool:
    """Are these words that somebody wrote: several in a row, and rarely the same?"""
    if column.type != "string" or column.nullable or looks_personal(column.name):
        return False
    words = sum(len(text.split()) for text in series) / len(series)
    return series.nunique() > _MOST_VALUES and words >= _LEAST_WORDS


def _unknown(column: Column, timing: Timing | None) -> str | None:
    if timing is None or column.type != "string" or column.name in timing.known_ahead:
        return None
    return "its words are not known when the forecast is made; if they are: --known-ahead"


def _identifies(name: str) -> bool:
    """Is it `id`, `customer_id`, `Customer ID`, `customerId` or `id_customer`?"""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).lower()
    words = re.findall(r"\w+", apart.replace("_", " "))
    return bool(words) and not _IDENTIFIERS.isdisjoint((words[0], words[-1]))
