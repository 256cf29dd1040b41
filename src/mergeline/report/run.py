"""The result of a run as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.evidence import evidence_of
from mergeline.report.numbers import (
    UNKNOWN,
    counted,
    duration,
    interval,
    listed,
    metric_title,
    number,
    short,
    signed,
    threshold,
)
from mergeline.report.text import printable, table_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.pipeline.result import RunResult
    from mergeline.report.evidence import Evidence, MetricRow

_MARKS = {True: "pass", False: "FAIL", None: UNKNOWN}


def run_text(result: RunResult) -> str:
    """Return a result: the verdict, the metrics, the gates, the steps, what to do next.

    Raises:
        ToolError: the result is not what a run writes.
    """
    evidence = evidence_of(result)
    blocks = [
        verdict(result, evidence),
        _metrics(result, evidence),
        _summary(result, evidence),
        f"next: {_next(result)}",
    ]
    return "\n\n".join(block for block in blocks if block)


def verdict(result: RunResult, evidence: Evidence) -> str:
    """Return the outcome in one sentence."""
    name = f"{result.model} {result.version}"
    if result.passed:
        return printable(f"{name} passed: {counted(len(evidence.gates), 'gate')} met")
    stopped = next((step.name for step in result.steps if step.status == "failed"), None)
    where = f" in step {stopped}" if stopped else ""
    unmet = listed(metric_title(gate.name, gate.slice) for gate in evidence.unmet)
    count = f"{len(evidence.unmet)} of {counted(len(evidence.gates), 'gate')}"
    reason = f": {count} not met ({unmet})" if unmet else ""
    return printable(f"{name} failed{where}{reason}")


def _metrics(result: RunResult, evidence: Evidence) -> str:
    if not evidence.metrics:
        return ""
    header = ["metric", "value", "interval", "threshold", ""]
    if evidence.comparison is None:
        rows = [_own(metric) for metric in evidence.metrics]
    else:
        version = result.champion.version if result.champion else ""
        header += [f"champion {version}".strip(), "difference", "interval", ""]
        rows = [[*_own(metric), *_other(metric, evidence)] for metric in evidence.metrics]
    return table_text([printable(cell) for cell in header], rows)


def _own(metric: MetricRow) -> list[str]:
    return [
        metric_title(metric.name, metric.slice),
        number(metric.value),
        interval(metric.lower, metric.upper),
        threshold(metric.threshold, greater_is_better=metric.greater_is_better),
        _MARKS[metric.passed],
    ]


def _other(metric: MetricRow, evidence: Evidence) -> list[str]:
    row = evidence.against_champion(metric)
    if row is None:
        return [UNKNOWN] * 4
    return [
        number(row.champion),
        signed(row.difference),
        interval(row.lower, row.upper, sign=True),
        _MARKS[row.passed],
    ]


def _summary(result: RunResult, evidence: Evidence) -> str:
    return "\n".join(
        f"{label.ljust(9)} {printable(text)}" for label, text in _facts(result, evidence)
    )


def _facts(result: RunResult, evidence: Evidence) -> Iterator[tuple[str, str]]:
    if evidence.gates:
        met = len(evidence.gates) - len(evidence.unmet)
        yield "gates", f"{met} of {len(evidence.gates)} met"
    others = [gate for gate in evidence.gates if gate.kind in ("fairness", "latency")]
    for gate in others:
        mark = _MARKS[gate.passed]
        yield "", f"{gate.name} {number(gate.value)} ≤ {number(gate.limit)}: {mark}"
    if evidence.checks:
        met = sum(check.success for check in evidence.checks)
        yield "data", f"{met} of {counted(len(evidence.checks), 'check')} met"
    if evidence.level is not None:
        yield "intervals", f"{evidence.level:.0%}, from {evidence.resamples} resamples"
    yield "steps", ", ".join(_step(step.name, step.status, step.seconds) for step in result.steps)
    yield "commit", f"{short(result.commit)}{'' if result.clean else ' with changes on top'}"
    if result.mlflow:
        yield "recorded", f"run {result.mlflow.run_id} in {result.mlflow.tracking_uri}"


def _step(name: str, status: str, seconds: float) -> str:
    return f"{name} {duration(seconds)}" if status == "ran" else f"{name} {status}"


def _next(result: RunResult) -> str:
    if result.passed:
        return f"mergeline report {printable(result.model)}"
    return f"mend what is found above, then: mergeline run {printable(result.model)}"
