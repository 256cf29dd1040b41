"""evaluation.yaml and monitoring.yaml refer to columns, features and the template's metrics."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mergeline.specs.conformance import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject
    from mergeline.specs.types.evaluation import Fairness

EVALUATION = "evaluation.yaml"
MONITORING = "monitoring.yaml"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with what is measured before and after the release."""
    evaluation = subject.model.evaluation
    for index, metric in enumerate(evaluation.metrics):
        pointer: Pointer = ("metrics", index)
        yield from _metric(subject, metric.name, EVALUATION, (*pointer, "name"))
        if metric.slice is not None:
            yield from subject.column(
                metric.slice.column, EVALUATION, (*pointer, "slice", "column")
            )
    for index, fairness in enumerate(evaluation.fairness):
        yield from _fairness(subject, fairness, ("fairness", index))
    yield from _monitoring(subject)


def _fairness(subject: Subject, fairness: Fairness, pointer: Pointer) -> Iterator[Finding]:
    name = fairness.sensitive_feature
    yield from subject.column(name, EVALUATION, (*pointer, "sensitive_feature"))
    bins: Pointer = (*pointer, "bins")
    column = subject.columns.get(name)
    if fairness.bins and column is not None and column.type not in ("float64", "int64"):
        yield subject.finding(
            "bins-need-numbers",
            f'column "{name}" has the type {column.type}, which bins cannot cut',
            EVALUATION,
            bins,
            hint="remove the bins: each value is a group",
        )
    for index, (low, high) in enumerate(pairwise(fairness.bins), start=1):
        if high <= low:
            yield subject.finding(
                "bins-not-increasing",
                f"the edge {high:g} does not lie above {low:g}",
                EVALUATION,
                (*bins, index),
                hint="write the edges from low to high",
            )


def _monitoring(subject: Subject) -> Iterator[Finding]:
    monitoring = subject.model.monitoring
    for index, name in enumerate(monitoring.prediction_log.features):
        yield from subject.feature(name, MONITORING, ("prediction_log", "features", index))
    for index, drift in enumerate(monitoring.drift):
        yield from subject.feature(drift.feature, MONITORING, ("drift", index, "feature"))
    for index, performance in enumerate(monitoring.performance):
        pointer: Pointer = ("performance", index, "metric")
        yield from _metric(subject, performance.metric, MONITORING, pointer)
    if monitoring.violation_windows > monitoring.evaluation_windows:
        yield subject.finding(
            "windows-out-of-range",
            f"{monitoring.violation_windows} of {monitoring.evaluation_windows} windows can never "
            "violate",
            MONITORING,
            ("violation_windows",),
            hint="violation_windows is at most evaluation_windows",
        )


def _metric(subject: Subject, name: str, file: str, pointer: Pointer) -> Iterator[Finding]:
    template = subject.repository.templates.get(subject.model.training.pipeline)
    # A template for another task is found elsewhere; its metrics would only repeat that.
    fits = template is not None and template.task == subject.model.model.task
    if template is not None and fits and name not in template.metrics:
        yield subject.finding(
            "metric-not-in-template",
            f'the pipeline "{template.name}" does not compute {name}',
            file,
            pointer,
            hint=did_you_mean(name, list(template.metrics)),
        )
