"""Which drawings a run asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from mergeline.report.numbers import interval, metric_title, number, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.report.evidence import ComparisonRow, Evidence, MetricRow
    from mergeline.report.plots import Row

# More rows than these make a drawing that nobody reads.
_MOST = 30
_RESULTS = {True: "met", False: "NOT MET", None: "not asked"}


def figures_of(evidence: Evidence, target: str = "target") -> dict[str, Markup]:
    """Return SVG by name; what there is nothing to draw of is left out.

    Args:
        evidence: what was measured.
        target: what is predicted.
    """
    # What is drawn is escaped by its writer.
    return {name: Markup(text) for name, text in _drawn(evidence, target)}  # noqa: S704


def _drawn(evidence: Evidence, target: str) -> Iterator[tuple[str, str]]:
    from mergeline.report import plots

    metrics = [row for one in evidence.metrics[:_MOST] if (row := _metric(one, evidence))]
    if metrics:
        yield "metrics", plots.forest(metrics, "metrics", "Metrics with intervals and thresholds")
    compared = [row for one in (evidence.comparison or ())[:_MOST] if (row := _compared(one))]
    if compared:
        label = "Differences from the champion with intervals and margins"
        yield "comparison", plots.forest(compared, "comparison", label)
    yield from _classification(evidence)
    residuals, forecast = evidence.candidate.residuals, evidence.candidate.forecast
    if forecast is not None and forecast.times:
        other = None if evidence.champion is None else evidence.champion.forecast
        yield "forecast", plots.forecast(forecast, other, target)
    if residuals is not None and residuals.predicted:
        yield "predicted_actual", plots.predicted_actual(residuals, target)
        yield "residuals", plots.residual_plot(residuals, target)


def _classification(evidence: Evidence) -> Iterator[tuple[str, str]]:
    from mergeline.report import plots

    ours, theirs = evidence.candidate, evidence.champion
    if ours.roc is not None:
        yield "roc", plots.roc(ours.roc, theirs.roc if theirs else None)
    if ours.precision_recall is not None:
        other = theirs.precision_recall if theirs else None
        yield (
            "precision_recall",
            plots.precision_recall(ours.precision_recall, other, _positives(evidence)),
        )
    if ours.calibration:
        bins = theirs.calibration if theirs else ()
        yield "calibration", plots.calibration(ours.calibration, bins)


def _positives(evidence: Evidence) -> float | None:
    if evidence.candidate.confusion is None or len(evidence.candidate.confusion) != 2:
        return None
    negative, positive = (sum(row) for row in evidence.candidate.confusion)
    return positive / (negative + positive) if negative + positive else None


def _metric(metric: MetricRow, evidence: Evidence) -> Row | None:
    from mergeline.report.plots import Mark, Row

    if metric.value is None or metric.lower is None or metric.upper is None:
        return None
    marks = [Mark(metric.threshold, "limit")] if metric.threshold is not None else []
    other = evidence.against_champion(metric)
    if other is not None and other.champion is not None:
        marks.append(Mark(other.champion, "champion"))
    spread = interval(metric.lower, metric.upper)
    note = f"{number(metric.value)}: threshold {_RESULTS[metric.passed]}\n{spread}"
    title = metric_title(metric.name, metric.slice)
    return Row(title, metric.value, metric.lower, metric.upper, tuple(marks), note)


def _compared(found: ComparisonRow) -> Row | None:
    from mergeline.report.plots import Mark, Row

    if found.difference is None or found.lower is None or found.upper is None:
        return None
    marks = [Mark(0.0, "zero")]
    if found.min_absolute_change is not None:
        marks.append(Mark(found.min_absolute_change, "limit"))
    spread = interval(found.lower, found.upper, sign=True)
    note = f"{signed(found.difference)}: margin {_RESULTS[found.passed]}\n{spread}"
    title = metric_title(found.name, found.slice)
    return Row(title, found.difference, found.lower, found.upper, tuple(marks), note)
