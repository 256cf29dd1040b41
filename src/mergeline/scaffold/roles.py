"""What each column is good for: target, time, a kind of feature, or left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError, UsageError
from mergeline.scaffold.personal import looks_personal
from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from mergeline.scaffold.table import Table
    from mergeline.specs.types.data import Column

_MOST_VALUES = 20
_IDENTIFIERS = ("id", "uuid", "guid", "key")


class Role(StrEnum):
    """What a column is good for."""

    TARGET = "target"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    CATEGORY = "category"
    LEFT_OUT = "left out"


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


def fields_of(table: Table, target: str, time_column: str | None) -> tuple[Field, ...]:
    """Give each column of a table its role.

    Raises:
        UsageError: the table has no such column.
        RefusedError: no column is left to learn from.
    """
    names = [column.name for column in table.columns]
    for flag, name in (("--target", target), ("--time-column", time_column)):
        if name is not None and name not in names:
            hint = did_you_mean(name, names)
            raise UsageError(f'{flag}: the data has no column "{name}"', hint=hint)
    fields = tuple(
        _field(column, table.frame[column.name], target, time_column) for column in table.columns
    )
    if not any(field.role in (Role.NUMBER, Role.FLAG, Role.CATEGORY) for field in fields):
        reasons = "; ".join(f"{field.name}: {field.reason}" for field in fields if field.reason)
        raise RefusedError("no column is left to learn from", hint=reasons or None)
    return fields


def _field(column: Column, series: pd.Series[Any], target: str, time_column: str | None) -> Field:
    if column.name == target:
        return Field(column, Role.TARGET)
    if column.name == time_column:
        _check_time(column)
        return Field(column, Role.TIME)
    reason = _reason(column, series)
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
    if column.type == "string" and distinct > _MOST_VALUES:
        return f"it holds {distinct} different words, more than {_MOST_VALUES}"
    return None


def _identifies(name: str) -> bool:
    return name.lower().replace("-", "_").rpartition("_")[2] in _IDENTIFIERS
