"""How the new model learns: features, estimator and split, from the roles of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError
from mergeline.scaffold.roles import Role
from mergeline.specs.types.data import RandomSplit, Split, StratifiedSplit, TemporalSplit

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.roles import Field
    from mergeline.scaffold.table import Table

TEST_FRACTION = 0.25
SEED = 42
_SCALER = "sklearn.preprocessing.StandardScaler"
_ENCODER = "sklearn.preprocessing.OneHotEncoder"


@dataclass(frozen=True, slots=True)
class Group:
    """A feature: columns of one kind, and what becomes of them.

    Attributes:
        name: of the feature.
        inputs: the columns.
        transform: the class of scikit-learn; None: as they are.
        parameters: its parameters.
        why: one line for the reader.
    """

    name: str
    inputs: tuple[str, ...]
    transform: str | None
    parameters: dict[str, Any]
    why: str


@dataclass(frozen=True, slots=True)
class Design:
    """How the new model learns.

    Attributes:
        groups: the features.
        estimator: its class, in scikit-learn.
        hyperparameters: its parameters.
        why: why this estimator.
        split: how the test rows are set apart.
    """

    groups: tuple[Group, ...]
    estimator: str
    hyperparameters: dict[str, Any]
    why: str
    split: Split


def design(answers: Answers, fields: tuple[Field, ...]) -> Design:
    """Choose linear models on scaled numbers; trees where numbers are missing."""
    numbers = [field for field in fields if field.role is Role.NUMBER]
    gaps = any(field.column.nullable for field in numbers)
    estimator, hyperparameters, why = _estimator(answers.task, gaps=gaps)
    return Design(
        tuple(group for group in _groups(fields, gaps=gaps) if group.inputs),
        estimator,
        hyperparameters,
        why,
        _split(answers),
    )


def _estimator(task: str, *, gaps: bool) -> tuple[str, dict[str, Any], str]:
    kind = "Classifier" if task == "classification" else "Regressor"
    if gaps:
        why = "Trees take missing numbers as they are."
        return f"sklearn.ensemble.HistGradientBoosting{kind}", {"max_iter": 100}, why
    why = "Linear to begin with: quick, and each answer can be explained."
    if task == "classification":
        return "sklearn.linear_model.LogisticRegression", {"C": 1.0, "max_iter": 1000}, why
    return "sklearn.linear_model.Ridge", {"alpha": 1.0}, why


def _groups(fields: tuple[Field, ...], *, gaps: bool) -> tuple[Group, ...]:
    def named(role: Role) -> tuple[str, ...]:
        return tuple(field.name for field in fields if field.role is role)

    scaled = "Scaled by the training rows: mean 0, standard deviation 1."
    as_they_are = "As they are: trees need no scaling."
    return (
        Group(
            "numbers",
            named(Role.NUMBER),
            None if gaps else _SCALER,
            {},
            as_they_are if gaps else scaled,
        ),
        Group("flags", named(Role.FLAG), None, {}, "Truth values, as 0 and 1."),
        Group(
            "categories",
            named(Role.CATEGORY),
            _ENCODER,
            {"handle_unknown": "ignore", "sparse_output": False},
            "One column for each word; a word that training never saw is none of them.",
        ),
    )


def _split(answers: Answers) -> Split:
    if answers.time_column is not None:
        return TemporalSplit(test_fraction=TEST_FRACTION, time_column=answers.time_column)
    if answers.task == "classification":
        return StratifiedSplit(test_fraction=TEST_FRACTION, random_seed=SEED)
    return RandomSplit(test_fraction=TEST_FRACTION, random_seed=SEED)


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
    if answers.task == "regression":
        if column.type not in ("float64", "int64"):
            raise RefusedError(
                f'the target "{column.name}" holds {column.type}, regression predicts numbers',
                hint="choose another --target, or --template classification",
            )
        if series.nunique() == 1:
            raise RefusedError(f'the target "{column.name}" holds one value only')
        return
    _check_classes(column.name, column.type, sorted(series.unique()))


def _check_classes(name: str, kind: str, values: list[Any]) -> None:
    if kind == "int64" and values == [0, 1]:
        return
    shown = ", ".join(str(value) for value in values[:5])
    if len(values) != 2:
        raise RefusedError(
            f'the target "{name}" holds {len(values)} values, classification is of two: {shown}',
            hint="write 1 for the class to find and 0 for all others, or use --template regression",
        )
    column = f"frame[{name!r}]"
    asked = f"{column} == {values[1]!r}" if kind == "string" else f"{column} == {values[1]}"
    raise RefusedError(
        f'the target "{name}" holds {shown}, classification takes the numbers 0 and 1',
        hint=f"write 1 for the class to find; with pandas: {column} = ({asked}).astype(int)",
    )
