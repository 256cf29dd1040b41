"""The features of a new forecast: lags of everything, and what is known ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.scaffold.group import ONE_HOT, ONE_HOT_WHY, Group
from mergeline.scaffold.roles import Role
from mergeline.specs.types.features import LagTransform, PassthroughTransform, RollingTransform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.roles import Field
    from mergeline.scaffold.timing import Timing

# No feature looks back further than this share of the longest series.
_FURTHEST = 0.25


def of_the_past(answers: Answers, fields: tuple[Field, ...], timing: Timing) -> tuple[Group, ...]:
    """Return the features; nothing in them is later than the horizon, unless known ahead."""
    numbers = [field for field in fields if field.role in (Role.NUMBER, Role.FLAG)]
    ahead = {field.name for field in numbers} & set(timing.known_ahead)
    # Missing numbers have missing lags, but the target has none.
    return (
        Group("lags", (answers.target,), LagTransform(lags=_lags(timing)), _LAGS),
        Group("lately", (answers.target,), _window(timing), _LATELY),
        Group(
            "others_before",
            tuple(field.name for field in numbers if field.name not in ahead),
            LagTransform(lags=(timing.horizon,)),
            "Other numbers, as they were when the forecast is made.",
        ),
        Group(
            "known_ahead",
            tuple(field.name for field in numbers if field.name in ahead),
            PassthroughTransform(),
            "Numbers that are known a horizon ahead.",
        ),
        Group("series", _with_words(fields, Role.SERIES), ONE_HOT, "Which series it is."),
        Group("categories", _with_words(fields, Role.CATEGORY), ONE_HOT, ONE_HOT_WHY),
    )


_LAGS = "The target as it was: a horizon before, and in the seasons before."
_LATELY = "The mean of the target over the time before the forecast is made."


def _with_words(fields: Iterable[Field], role: Role) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.role is role and field.values)


def _lags(timing: Timing) -> tuple[int, ...]:
    season = timing.seasonal_period
    first = season * -(-timing.horizon // season)
    wanted = {timing.horizon, first, first + season}
    return tuple(sorted(lag for lag in wanted if lag <= max(_most(timing), timing.horizon)))


def _window(timing: Timing) -> RollingTransform:
    room = _most(timing) - timing.horizon + 1
    window = max(2, min(max(2 * timing.seasonal_period, 4), room))
    return RollingTransform(lag=timing.horizon, window=window)


def _most(timing: Timing) -> int:
    return int(_FURTHEST * timing.length)
