"""Can the target be predicted, and are the columns there that the answers name?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError, UsageError
from mergeline.specs.suggestion import did_you_mean
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    import pandas as pd

    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.table import Table

_MOST_CLASSES = 50
# So that a class can be learned and tested.
_LEAST_ROWS = 4


def check_names(answers: Answers, table: Table) -> None:
    """Look for the columns that the answers name.

    Raises:
        UsageError: the table has no such column.
    """
    names = [column.name for column in table.columns]
    for flag, name in (
        ("--target", answers.target),
        ("--time-column", answers.time_column),
        ("--sensitive", answers.sensitive),
    ):
        if name is not None and name not in names:
            message = f'{flag}: the data has no column "{name}"'
            raise UsageError(message, hint=did_you_mean(name, names))


def check_target(answers: Answers, table: Table) -> None:
    """Refuse a target that the task cannot predict.

    Raises:
        RefusedError: with what to do about it.
    """
    series = table.frame[answers.target]
    column = next(column for column in table.columns if column.name == answers.target)
    if column.nullable:
        raise RefusedError(
            f'the target "{column.name}" is missing in {int(series.isna().sum())} rows',
            hint="leave such rows out of the file",
        )
    if series.nunique() == 1:
        raise RefusedError(f'the target "{column.name}" holds one value only')
    if answers.task in CLASSIFYING:
        _check_classes(answers, series, column.type)
    elif column.type not in ("float64", "int64"):
        raise RefusedError(
            f'the target "{column.name}" holds {column.type}, {answers.task} predicts numbers',
            hint="choose another --target, or --template classification",
        )


def _check_classes(answers: Answers, series: pd.Series[Any], kind: str) -> None:
    name, counts = answers.target, series.value_counts()
    if kind not in ("int64", "string", "bool"):
        raise RefusedError(
            f'the target "{name}" holds {kind}, classes are whole numbers, words or truth values',
            hint="choose another --target, or --template regression",
        )
    if len(counts) > _MOST_CLASSES:
        raise RefusedError(
            f'the target "{name}" holds {len(counts)} classes, more than {_MOST_CLASSES}',
            hint="put classes together, or use --template regression for numbers",
        )
    if counts.iloc[-1] < _LEAST_ROWS:
        raise RefusedError(
            f'the class "{counts.index[-1]}" of the target "{name}" has {counts.iloc[-1]} rows',
            hint=f"{_LEAST_ROWS} are needed to train and to test: put rare classes together",
        )
    if answers.sensitive is not None and set(counts.index) != {0, 1}:
        raise RefusedError(
            f'the target "{name}" is not 0 and 1, which fairness is measured of',
            hint="write 1 for the class to find and 0 for all others",
        )
