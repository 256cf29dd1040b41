"""What a gate asks of a metric is something that the metric can give."""

from __future__ import annotations

from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject
    from mergeline.specs.types.evaluation import Metric, MetricName, Slice

EVALUATION, MONITORING = "evaluation.yaml", "monitoring.yaml"


class Span(NamedTuple):
    """The values of a metric, the ends among them, and which way is better."""

    low: float
    high: float
    greater_is_better: bool


_SHARE = Span(0, 1, greater_is_better=True)
_ERROR = Span(0, inf, greater_is_better=False)
SPANS: Mapping[MetricName, Span] = {
    "accuracy_score": _SHARE,
    "balanced_accuracy": _SHARE,
    "precision_score": _SHARE,
    "recall_score": _SHARE,
    "f1_score": _SHARE,
    "precision_macro": _SHARE,
    "recall_macro": _SHARE,
    "f1_macro": _SHARE,
    "roc_auc": _SHARE,
    "roc_auc_ovr": _SHARE,
    "average_precision": _SHARE,
    "log_loss": _ERROR,
    "brier_score": Span(0, 1, greater_is_better=False),
    "mean_absolute_error": _ERROR,
    "root_mean_squared_error": _ERROR,
    "mean_squared_error": _ERROR,
    "r2_score": Span(-inf, 1, greater_is_better=True),
    "mean_absolute_percentage_error": _ERROR,
    # Of each row at most 2, where one of prediction and truth is 0.
    "symmetric_mean_absolute_percentage_error": Span(0, 2, greater_is_better=False),
    "mean_absolute_scaled_error": _ERROR,
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "int64": (int,),
    "float64": (int, float),
    "bool": (bool,),
    "datetime64": (str,),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield thresholds that cannot be reached, gates the wrong way round, and slices of no row."""
    for index, metric in enumerate(subject.model.evaluation.metrics):
        pointer: Pointer = ("metrics", index)
        yield from _gate(subject, metric, pointer)
        if metric.slice is not None:
            yield from _slice(subject, metric.slice, (*pointer, "slice", "value"))
    for index, watched in enumerate(subject.model.monitoring.performance):
        pointer = ("performance", index, "threshold")
        yield from _within(subject, watched.metric, watched.threshold, MONITORING, pointer)


def _gate(subject: Subject, metric: Metric, pointer: Pointer) -> Iterator[Finding]:
    span = SPANS[metric.name]
    if metric.greater_is_better != span.greater_is_better:
        better = "greater" if span.greater_is_better else "smaller"
        yield subject.finding(
            "metric-direction",
            f"{metric.name} is better the {better} it is: this gate would let the worst through",
            EVALUATION,
            (*pointer, "greater_is_better"),
            hint=f"write greater_is_better: {str(span.greater_is_better).lower()}",
        )
    if metric.threshold is not None:
        at = (*pointer, "threshold")
        yield from _within(subject, metric.name, metric.threshold, EVALUATION, at)
        if metric.threshold == (span.low if span.greater_is_better else span.high):
            yield _passed_by_all(subject, f"{metric.name} is never worse", metric.threshold, at)
    width, change = span.high - span.low, metric.min_absolute_change
    if change is not None and abs(change) > width:
        yield subject.finding(
            "threshold-out-of-range",
            f"{metric.name} cannot change by {change:g}: it lies within {_span(span)}",
            EVALUATION,
            (*pointer, "min_absolute_change"),
            hint="write the change in the metric's own unit, such as -0.01",
        )
    elif change is not None and change == -width:
        at = (*pointer, "min_absolute_change")
        yield _passed_by_all(subject, f"{metric.name} never falls by more", change, at)


def _passed_by_all(subject: Subject, why: str, limit: float, pointer: Pointer) -> Finding:
    return subject.finding(
        "gate-cannot-fail",
        f"every candidate passes {limit:g}: {why}",
        EVALUATION,
        pointer,
        hint="write what a candidate must reach, or leave it out",
    )


def _within(
    subject: Subject, name: MetricName, threshold: float, file: str, pointer: Pointer
) -> Iterator[Finding]:
    span = SPANS[name]
    if span.low <= threshold <= span.high:
        return
    share = threshold / 100
    percent = span.high == 1 < threshold and span.low <= share
    yield subject.finding(
        "threshold-out-of-range",
        f"{name} is never {threshold:g}: it lies within {_span(span)}",
        file,
        pointer,
        hint=f"did you mean {share:g}?" if percent and share <= 1 else None,
    )


def _span(span: Span) -> str:
    low = "-∞" if span.low == -inf else f"{span.low:g}"
    high = "∞" if span.high == inf else f"{span.high:g}"
    return f"{low} to {high}"


def _slice(subject: Subject, part: Slice, pointer: Pointer) -> Iterator[Finding]:
    column = subject.columns.get(part.column)
    if column is None or _is_of(part.value, column.type):
        return
    yield subject.finding(
        "slice-value-type",
        f'no row is in this slice: column "{part.column}" has the type {column.type}, '
        f"the value is {_written(part.value)}",
        EVALUATION,
        pointer,
        hint="write a moment as 2024-01-31T10:00:00"
        if column.type == "datetime64"
        else f"write a value of the type {column.type}",
    )


def _is_of(value: object, kind: str) -> bool:
    if kind == "datetime64" and isinstance(value, str):
        return _is_moment(value)
    return isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "bool")


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _written(value: object) -> str:
    kinds = {bool: "a truth value", int: "a whole number", float: "a number", str: "a text"}
    return kinds[type(value)]
