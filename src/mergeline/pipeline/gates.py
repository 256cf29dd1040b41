"""From what was measured to gates, and from gates that are not met to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.findings import Finding
    from mergeline.specs.document import Document
    from mergeline.specs.types.evaluation import Fairness, Metric

Row = dict[str, Any]


def named(metric: Metric) -> Row:
    """Return what tells a metric of evaluation.yaml from the others: name and slice."""
    part = metric.slice and {"column": metric.slice.column, "value": metric.slice.value}
    return {"name": metric.name, "slice": part}


def reaches(metric: Metric, value: float | None) -> bool | None:
    """Does a value reach the threshold of a metric? None: there is no threshold."""
    if metric.threshold is None:
        return None
    if value is None:
        return False
    return value >= metric.threshold if metric.greater_is_better else value <= metric.threshold


def improves(metric: Metric, lower: float | None) -> bool | None:
    """Does the lower bound of a change reach what a metric asks for? None: it asks for none."""
    asked = metric.min_absolute_change
    return None if asked is None else lower is not None and lower >= asked


def is_fair(asked: Fairness, value: float | None) -> bool:
    """Is a difference between groups there, and small enough?"""
    return value is not None and value <= asked.threshold


def gate_rows(facts: Row) -> list[Row]:
    """Return the deterministic gates: kind, name, slice, value, limit, passed."""
    rows = [
        _gate("threshold", row, row["value"], row["threshold"])
        for row in facts["metrics"]
        if row["passed"] is not None
    ]
    if facts["comparison"] is not None:
        rows += [
            _gate("comparison", row, row["lower"], row["min_absolute_change"])
            for row in facts["comparison"]["metrics"]
            if row["passed"] is not None
        ]
    return rows + [
        _gate("fairness", row, row["value"], row["threshold"]) for row in facts["fairness"]
    ]


def latency_gate(percent: float, milliseconds: float, threshold: float) -> Row:
    """Return the gate on latency, which is measured and so kept apart."""
    row = {"name": f"latency p{percent:g} (ms)", "passed": milliseconds <= threshold}
    return _gate("latency", row, milliseconds, threshold)


def _gate(kind: str, row: Row, value: float | None, limit: float) -> Row:
    return {
        "kind": kind,
        "name": row["name"],
        "slice": row.get("slice"),
        "value": value,
        "limit": limit,
        "passed": row["passed"],
    }


def metric_findings(
    rows: Sequence[Row], scored: Sequence[Any], document: Document
) -> list[Finding]:
    """Return a finding for each metric that is missing, undefined or past its threshold."""
    return [
        finding
        for index, (row, one) in enumerate(zip(rows, scored, strict=True))
        for finding in _of_metric(index, row, one, document)
    ]


def _of_metric(index: int, row: Row, scored: Any, document: Document) -> Iterator[Finding]:
    place, name = ("metrics", index), _title(row)
    if scored is None:
        needs = "probabilities, which the estimator does not give"
        yield document.finding("metric-missing", f"{name} needs {needs}", (*place, "name"))
    elif row["value"] is None or row["lower"] is None:
        message = f"{name} is not defined on the {row['rows']} test rows that it is asked of"
        hint = "a metric needs rows, and most of them rows of both classes"
        yield document.finding("metric-not-finite", message, (*place, "name"), hint=hint)
    elif row["passed"] is False:
        side = "below" if row["greater_is_better"] else "above"
        message = f"{name} is {row['value']:.4g}, {side} the threshold {row['threshold']:g}"
        yield document.finding("gate-failed", message, (*place, "threshold"))


def comparison_findings(rows: Sequence[Row], version: str, document: Document) -> list[Finding]:
    """Return a finding for each metric in which the champion holds against the candidate."""
    findings = []
    for index, row in enumerate(rows):
        if row["passed"] is False:
            place = ("metrics", index, "min_absolute_change")
            message = f"{_title(row)} against champion {version}: {_change(row)}"
            hint = "the lower bound of the change towards better must reach it"
            findings.append(document.finding("champion-better", message, place, hint=hint))
    return findings


def _change(row: Row) -> str:
    if row["difference"] is None or row["lower"] is None:
        return "the change is not defined"
    spread = f"{row['difference']:+.4g} [{row['lower']:+.4g}, {row['upper']:+.4g}]"
    return f"change {spread} does not reach {row['min_absolute_change']:+g}"


def fairness_findings(rows: Sequence[Row], document: Document) -> list[Finding]:
    """Return a finding for each difference between groups that is too large or undefined."""
    findings = []
    for index, row in enumerate(rows):
        name = f"{row['name']} by {row['sensitive_feature']}"
        place = ("fairness", index, "threshold")
        if row["value"] is None:
            message = f"{name} is not defined: fewer than two groups have it"
            findings.append(document.finding("metric-not-finite", message, place))
        elif not row["passed"]:
            message = f"{name} is {row['value']:.4g}, above {row['threshold']:g}"
            findings.append(document.finding("gate-failed", message, place))
    return findings


def latency_findings(gate: Row, document: Document) -> list[Finding]:
    """Return the finding of a latency gate that is not met."""
    if gate["passed"]:
        return []
    message = f"{gate['name']} is {gate['value']:.3g}, above {gate['limit']:g}"
    place = ("latency", "threshold_milliseconds")
    return [document.finding("gate-failed", message, place)]


def _title(row: Row) -> str:
    part = row["slice"]
    return f"{row['name']} where {part['column']} = {part['value']}" if part else str(row["name"])
