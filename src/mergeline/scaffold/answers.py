"""What only a person knows about a new model."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from mergeline.errors import UsageError
from mergeline.specs.types import scalars
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.specs.types.scalars import Risk, Task


@dataclass(frozen=True, slots=True)
class Answers:
    """What only a person knows about a new model.

    Attributes:
        name: of the model.
        task: what it does.
        data: the table to learn from.
        target: the column to predict.
        owner: the team that answers for it.
        risk: what a wrong answer can cost.
        time_column: the column that orders the rows in time, or None.
        sensitive: the column whose groups must be served alike, or None.
        retention: how long personal data may be kept.
        description: what it is for, or None.
        horizon: how many time points ahead a forecast looks, or None: a season.
        seasonal_period: time points in a season, or None: as the time step suggests.
        series: the column that tells series apart, or None.
        known_ahead: the columns that are known a horizon ahead.
        documentation, runbook, dashboard: links, or None.
        intended_uses, out_of_scope_uses, limitations: words for the model card.
    """

    name: str
    task: Task
    data: Path
    target: str
    owner: str
    risk: Risk = "medium"
    time_column: str | None = None
    sensitive: str | None = None
    retention: str = "365d"
    description: str | None = None
    horizon: int | None = None
    seasonal_period: int | None = None
    series: str | None = None
    known_ahead: tuple[str, ...] = ()
    documentation: str | None = None
    runbook: str | None = None
    dashboard: str | None = None
    intended_uses: tuple[str, ...] = ()
    out_of_scope_uses: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()


_FORMS: Mapping[str, Any] = {
    "name": scalars.Name,
    "owner": scalars.Team,
    "retention": scalars.Duration,
    "documentation": scalars.Url,
    "runbook": scalars.Url,
    "dashboard": scalars.Url,
}


def check_answers(answers: Answers) -> None:
    """Hold the answers to the form that the specs ask for.

    Raises:
        UsageError: one of them is of another form, or one that high risk asks for is missing.
    """
    for field in fields(answers):
        given = getattr(answers, field.name)
        hint = misfit(field.name, given) if given is not None else None
        if hint is not None:
            flag = "NAME" if field.name == "name" else f"--{field.name}"
            raise UsageError(f'"{given}" cannot be {flag}', hint=hint)
    for flag, number in (
        ("--horizon", answers.horizon),
        ("--seasonal-period", answers.seasonal_period),
    ):
        if number is not None and number < 1:
            raise UsageError(f"{flag} is {number}", hint="a whole number, 1 or more")
    _check_uses(answers)
    if answers.risk == "high":
        _check_high_risk(answers)


def _check_uses(answers: Answers) -> None:
    if answers.out_of_scope_uses and not answers.intended_uses:
        raise UsageError(
            "--out-of-scope-use is given without --intended-use",
            hint="say first what the model is for",
        )
    for flag, texts in (
        ("--intended-use", answers.intended_uses),
        ("--out-of-scope-use", answers.out_of_scope_uses),
        ("--limitation", answers.limitations),
    ):
        if not all(text.strip() for text in texts):
            raise UsageError(f"{flag} is empty", hint="say it in a sentence, or leave it out")


def misfit(name: str, answer: str) -> str | None:
    """Return the form that an answer should have; None if it has it, or may have any."""
    if name not in _FORMS:
        return None
    meta = _FORMS[name].__metadata__[0]
    return None if re.search(meta.pattern, answer) else str(meta.description)


def high_risk_asks(task: Task) -> tuple[str, ...]:
    """Return the answers that a model of high risk cannot do without."""
    return ("runbook", "sensitive") if task in CLASSIFYING else ("runbook",)


_WHY = {
    "runbook": "a model of high risk links its runbook",
    "sensitive": "a classifier of high risk is checked for fairness: name the column of the groups",
}


def _check_high_risk(answers: Answers) -> None:
    for name in high_risk_asks(answers.task):
        if getattr(answers, name) is None:
            raise UsageError(f"--{name} is missing", hint=_WHY[name])
