"""Expectations that the data at hand meets, and that broken data of tomorrow would not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mergeline.pipeline.predictions import BINARY, classes_of
from mergeline.scaffold.roles import Role
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.roles import Field
    from mergeline.scaffold.table import Table

# Beyond this many columns nobody would read them.
_MOST_COLUMNS = 30
# How far beyond what was seen a value may lie, as a share of the range seen.
_ROOM = 0.1

Expectation = tuple[str, dict[str, Any]]


def expectations_of(answers: Answers, table: Table, fields: tuple[Field, ...]) -> list[Expectation]:
    """Return type and keyword arguments of each expectation, the target's first."""
    rows = len(table.frame)
    found: list[Expectation] = [
        (
            "expect_table_row_count_to_be_between",
            {"min_value": math.floor(rows * 0.9), "max_value": math.ceil(rows * 1.5)},
        ),
        *_of_target(answers, table),
        *(_of_time(fields) if answers.task == "forecasting" else ()),
    ]
    for field in fields[:_MOST_COLUMNS]:
        if field.role is Role.NUMBER and field.column.type != "bool":
            found.append(_range(table, field.name))
        elif field.role is Role.TEXT:
            found.append(_lengths(table, field.name))
        elif field.role is Role.CATEGORY:
            kwargs = {"column": field.name, "value_set": list(field.values)}
            found.append(("expect_column_values_to_be_in_set", kwargs))
    return found


def _of_target(answers: Answers, table: Table) -> list[Expectation]:
    if answers.task not in CLASSIFYING:
        return [_range(table, answers.target)]
    classes = classes_of(table.frame[answers.target])
    if classes != BINARY or table.frame[answers.target].dtype.kind == "b":
        values = list(table.frame[answers.target].unique().tolist())
        kwargs = {"column": answers.target, "value_set": sorted(values)}
        return [("expect_column_values_to_be_in_set", kwargs)]
    share = float(table.frame[answers.target].mean())
    low, high = max(0.0, share - _ROOM), min(1.0, share + _ROOM)
    return [
        (
            "expect_column_values_to_be_in_set",
            {"column": answers.target, "value_set": [0, 1]},
        ),
        (
            "expect_column_mean_to_be_between",
            {
                "column": answers.target,
                "min_value": math.floor(low * 100) / 100,
                "max_value": math.ceil(high * 100) / 100,
            },
        ),
    ]


def _of_time(fields: tuple[Field, ...]) -> list[Expectation]:
    """A forecast has one row for each time point of each series."""
    series = [field.name for field in fields if field.role is Role.SERIES]
    times = [field.name for field in fields if field.role is Role.TIME]
    if series:
        kwargs = {"column_list": [*times, *series]}
        return [("expect_compound_columns_to_be_unique", kwargs)]
    return [("expect_column_values_to_be_unique", {"column": name}) for name in times]


def _lengths(table: Table, name: str) -> Expectation:
    """Texts are not empty, nor much longer than those at hand."""
    longest = int(table.frame[name].str.len().max())
    kwargs = {"column": name, "min_value": 1, "max_value": math.ceil(longest * 1.5)}
    return "expect_column_value_lengths_to_be_between", kwargs


def _range(table: Table, name: str) -> Expectation:
    series = table.frame[name]
    least, most = float(series.min()), float(series.max())
    room = (most - least) * _ROOM or abs(most) * _ROOM or 1.0
    # What was never below zero (a length, a price, a count) is taken to be so by nature.
    low = 0.0 if least >= 0 and least - room < 0 else least - room
    kwargs = {
        "column": name,
        "min_value": _rounded(low, room, math.floor),
        "max_value": _rounded(most + room, room, math.ceil),
    }
    return "expect_column_values_to_be_between", kwargs


def _rounded(value: float, room: float, towards: Any) -> int | float:
    """Return the value on a round number outside, no further away than the room."""
    power = math.floor(math.log10(room))
    unit = 10.0 ** abs(power)
    rounded = towards(value * unit) / unit if power < 0 else towards(value / unit) * unit
    return int(rounded) if float(rounded).is_integer() else float(rounded)
