"""One model in the pull request's comment: its row, and the fold with all of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.markdown import cell, code, finding_line, fold, html_code, table
from mergeline.report.numbers import (
    UNKNOWN,
    counted,
    interval,
    metric_title,
    number,
    short,
    signed,
    threshold,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.findings import Finding
    from mergeline.pipeline.result import RunResult
    from mergeline.report.evidence import ComparisonRow, Evidence, GateRow, MetricRow

HEADER = ("Model", "Version", "Main metric", "Against the champion", "Gates", "Data", "Fairness")
# More rows than these belong on the page, not in a comment.
_MOST = 40
_MARKS = {True: "✅ met", False: "❌ **not met**", None: UNKNOWN}


def row(name: str, version: str, evidence: Evidence | None) -> list[str]:
    """Return the row of a model; without evidence there is nothing but its name."""
    start = [cell(name), cell(version) if version else UNKNOWN]
    if evidence is None:
        return [*start, *[UNKNOWN] * 5]
    main = next(iter(evidence.metrics), None)
    checks = [check.success for check in evidence.checks]
    fairness = [one.passed for one in evidence.fairness]
    return [
        *start,
        _own(main) if main else UNKNOWN,
        _difference(evidence.against_champion(main) if main else None),
        _share([bool(gate.passed) for gate in evidence.gates]),
        _share(checks),
        _share(fairness),
    ]


def section(result: RunResult, evidence: Evidence, findings: Sequence[Finding]) -> str:
    """Return everything about the run of a model, without a fold around it."""
    parts = [_about(result, evidence), _metrics(result, evidence), _gates(evidence)]
    parts += [_data(evidence), findings_list(findings)]
    return "\n\n".join(part for part in parts if part)


def model_fold(result: RunResult, evidence: Evidence, findings: Sequence[Finding]) -> str:
    """Return the section of a model in a fold."""
    outcome = "passed" if result.passed and not evidence.unmet else "failed"
    summary = f"{html_code(result.model)} {html_code(result.version)}: the run {outcome}"
    return fold(summary, section(result, evidence, findings))


def findings_list(findings: Sequence[Finding]) -> str:
    """Return findings as a list, cut after a number of them."""
    lines = [finding_line(finding) for finding in findings[:_MOST]]
    if len(findings) > _MOST:
        lines.append(f"- and {len(findings) - _MOST} more")
    return "\n".join(lines)


def _about(result: RunResult, evidence: Evidence) -> str:
    tree = "" if result.clean else ", with changes on top that are not committed"
    lines = [f"- trained at commit {code(short(result.commit))}{tree}"]
    lines += [
        f"- {name.replace('_', ' ')} {code(result.digests[name])}"
        for name in ("dataset", "test_set", "model")
        if name in result.digests
    ]
    if evidence.level is not None:
        share = f"{evidence.level:.0%}"
        lines.append(f"- intervals: {share}, paired bootstrap, {evidence.resamples} resamples")
    if evidence.comparison is not None and result.same_split is False:
        lines.append("- ⚠️ the champion was trained on another split: it may know some test rows")
    stopped = [step.name for step in result.steps if step.status == "failed"]
    lines += [f"- stopped in step {code(name)}" for name in stopped]
    return "\n".join(lines)


def _metrics(result: RunResult, evidence: Evidence) -> str:
    if not evidence.metrics:
        return "No metrics: the run did not get that far."
    shown = evidence.metrics[:_MOST]
    header = ["Metric", "Value", "Threshold", "Result"]
    if evidence.comparison is None:
        text = table(header, [_metric(metric) for metric in shown])
        note = "No champion was compared with."
    else:
        version = cell(result.champion.version) if result.champion else ""
        header += [f"Champion {version}", "Difference, + is better", "Result"]
        rows = [[*_metric(one), *_against(evidence.against_champion(one))] for one in shown]
        text, note = table(header, rows), ""
    left = len(evidence.metrics) - len(shown)
    more = f"and {left} more" if left else ""
    return "\n\n".join(part for part in (text, more, note) if part)


def _metric(metric: MetricRow) -> list[str]:
    return [
        cell(metric_title(metric.name, metric.slice)),
        f"{number(metric.value)} {_safe(interval(metric.lower, metric.upper))}",
        threshold(metric.threshold, greater_is_better=metric.greater_is_better),
        _MARKS[metric.passed],
    ]


def _against(found: ComparisonRow | None) -> list[str]:
    if found is None:
        return [UNKNOWN] * 3
    return [number(found.champion), _difference(found), _MARKS[found.passed]]


def _own(metric: MetricRow) -> str:
    spread = _safe(interval(metric.lower, metric.upper))
    return f"{cell(metric_title(metric.name, metric.slice))} {number(metric.value)} {spread}"


def _difference(found: ComparisonRow | None) -> str:
    if found is None or found.difference is None:
        return UNKNOWN
    spread = _safe(interval(found.lower, found.upper, sign=True))
    return f"{signed(found.difference)} {spread}"


def _safe(spread: str) -> str:
    """Keep brackets from being taken for a link."""
    return spread.replace("[", "\\[").replace("]", "\\]")


def _share(passed: Sequence[bool]) -> str:
    if not passed:
        return UNKNOWN
    met = sum(passed)
    return f"{'✅' if met == len(passed) else '❌'} {met} of {len(passed)}"


def _gates(evidence: Evidence) -> str:
    # Thresholds and comparisons stand beside their metrics.
    others = [gate for gate in evidence.gates if gate.kind not in ("threshold", "comparison")]
    if not others:
        return ""
    return table(["Gate", "Value", "Limit", "Result"], [_gate(gate) for gate in others[:_MOST]])


def _gate(gate: GateRow) -> list[str]:
    name = cell(metric_title(gate.name, gate.slice))
    return [name, number(gate.value), f"≤ {number(gate.limit)}", _MARKS[gate.passed]]


def _data(evidence: Evidence) -> str:
    if not evidence.checks:
        return ""
    met = sum(check.success for check in evidence.checks)
    return "\n".join([f"Data: {met} of {counted(len(evidence.checks), 'check')} met."])


def unmet_names(evidence: Evidence) -> Iterator[str]:
    """Return the names of the gates that are not met."""
    return (metric_title(gate.name, gate.slice) for gate in evidence.unmet)
