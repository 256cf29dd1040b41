"""A forecast knows nothing that is later than its horizon: data, features and intervals agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.specs.types.data import TemporalSplit
from mergeline.specs.types.features import (
    OF_THE_PAST,
    CalendarTransform,
    LagTransform,
    RollingTransform,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject
    from mergeline.specs.types.data import Forecast
    from mergeline.specs.types.features import Feature

DATA, FEATURES, EVALUATION = "data.yaml", "features.yaml", "evaluation.yaml"
_NUMBERS = ("float64", "int64", "bool")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with time: where a model forecasts, and where it does not."""
    yield from _calendars(subject)
    forecast, forecasting = (
        subject.model.data.forecast,
        subject.model.model.task == "forecasting",
    )
    if forecasting != (forecast is not None):
        yield _one_without_the_other(subject, forecasting=forecasting)
    yield from _blocks(subject, forecasting=forecasting)
    if forecast is None:
        yield from () if forecasting else _no_past(subject)
        return
    yield from _columns(subject, forecast)
    for index, feature in enumerate(subject.model.features.features):
        yield from _feature(subject, forecast, feature, ("features", index))


def _one_without_the_other(subject: Subject, *, forecasting: bool) -> Finding:
    if forecasting:
        return subject.finding(
            "forecast-missing",
            "the model forecasts, but nothing says how far ahead",
            DATA,
            (),
            hint="add forecast: {horizon: …}",
        )
    return subject.finding(
        "forecast-missing",
        f"data.yaml has a forecast, the model is for {subject.model.model.task}",
        DATA,
        ("forecast",),
        hint="write task: forecasting, or remove it",
        key=True,
    )


def _columns(subject: Subject, forecast: Forecast) -> Iterator[Finding]:
    if forecast.series_column is not None:
        yield from subject.column(forecast.series_column, DATA, ("forecast", "series_column"))
    for index, name in enumerate(forecast.known_ahead):
        pointer: Pointer = ("forecast", "known_ahead", index)
        yield from subject.column(name, DATA, pointer)
        if name == subject.model.data.target:
            message = f'"{name}" is the target, which is what nobody knows ahead'
            yield subject.finding("not-known-ahead", message, DATA, pointer, hint="remove it")
    split = subject.model.data.split
    if not isinstance(split, TemporalSplit):
        yield subject.finding(
            "forecast-not-temporal",
            "a forecast is tested on rows that are drawn from between those it learned from",
            DATA,
            ("split", "strategy"),
            hint="write strategy: temporal, with the time_column",
        )


def _feature(
    subject: Subject, forecast: Forecast, feature: Feature, at: Pointer
) -> Iterator[Finding]:
    transform = feature.transform
    if not isinstance(transform, OF_THE_PAST):
        yield from _now(subject, forecast, feature, at)
        return
    for number, name in enumerate(feature.inputs):
        column = subject.columns.get(name)
        if column is not None and column.type not in _NUMBERS:
            message = f'column "{name}" has the type {column.type}, which has no lags'
            pointer: Pointer = (*at, "inputs", number)
            hint = "lags are of numbers and truth values"
            yield subject.finding("lag-needs-numbers", message, FEATURES, pointer, hint=hint)
    if isinstance(transform, RollingTransform):
        yield from _lag(subject, forecast, transform.lag, (*at, "transform", "lag"))
        return
    assert isinstance(transform, LagTransform)
    for number, lag in enumerate(transform.lags):
        yield from _lag(subject, forecast, lag, (*at, "transform", "lags", number))


def _lag(subject: Subject, forecast: Forecast, lag: int, pointer: Pointer) -> Iterator[Finding]:
    if lag < forecast.horizon:
        yield subject.finding(
            "lag-within-horizon",
            f"a lag of {lag} is not known yet when the forecast is made {forecast.horizon} ahead",
            FEATURES,
            pointer,
            hint=f"look back {forecast.horizon} time points or more",
        )


def _now(subject: Subject, forecast: Forecast, feature: Feature, at: Pointer) -> Iterator[Finding]:
    split = subject.model.data.split
    if not isinstance(split, TemporalSplit):
        return
    # The target as an input, and a column that is not there, are found elsewhere.
    known = {*forecast.known_ahead, forecast.series_column, split.time_column}
    known.add(subject.model.data.target)
    for number, name in enumerate(feature.inputs):
        if name not in known and name in subject.columns:
            yield subject.finding(
                "not-known-ahead",
                f'"{name}" is taken as it is at the time that is forecast',
                FEATURES,
                (*at, "inputs", number),
                hint=f"use lags of it, or add {name} to forecast.known_ahead if that is so",
            )


def _no_past(subject: Subject) -> Iterator[Finding]:
    for index, feature in enumerate(subject.model.features.features):
        if isinstance(feature.transform, OF_THE_PAST):
            yield subject.finding(
                "lag-without-forecast",
                f'feature "{feature.name}" looks back in time, and the model forecasts nothing',
                FEATURES,
                ("features", index, "transform"),
                hint="write task: forecasting and a forecast in data.yaml",
            )


def _calendars(subject: Subject) -> Iterator[Finding]:
    for index, feature in enumerate(subject.model.features.features):
        for number, name in enumerate(feature.inputs):
            column = subject.columns.get(name)
            calendar = isinstance(feature.transform, CalendarTransform)
            if calendar and column is not None and column.type != "datetime64":
                yield subject.finding(
                    "calendar-needs-moments",
                    f'column "{name}" has the type {column.type}, which has no calendar',
                    FEATURES,
                    ("features", index, "inputs", number),
                    hint="use a column of type datetime64",
                )


def _blocks(subject: Subject, *, forecasting: bool) -> Iterator[Finding]:
    confidence = subject.model.evaluation.confidence
    by_blocks = confidence.method == "paired_moving_block_bootstrap"
    if forecasting and not by_blocks:
        yield subject.finding(
            "bootstrap-not-by-blocks",
            "a forecast's errors depend on those before them, rows drawn one by one do not",
            EVALUATION,
            ("confidence",),
            hint="write method: paired_moving_block_bootstrap, and a block_length",
        )
    elif by_blocks and not forecasting:
        yield subject.finding(
            "bootstrap-not-by-blocks",
            f"blocks of time are for forecasts, the model is for {subject.model.model.task}",
            EVALUATION,
            ("confidence", "method"),
            hint="write method: paired_bootstrap",
        )
    elif by_blocks != (confidence.block_length is not None):
        yield subject.finding(
            "bootstrap-not-by-blocks",
            "the moving block bootstrap and block_length come together",
            EVALUATION,
            ("confidence",),
            hint="write both, with blocks of at least the horizon and a season; or neither",
        )
