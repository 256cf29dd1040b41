"""What a report shows of a run: the rows of its JSON, checked and typed.

A result may come from a file that a pull request made, so nothing in it is taken on trust.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from mergeline.pipeline.result import RunResult


def _equally_long(*columns: tuple[object, ...]) -> None:
    if len({len(column) for column in columns}) > 1:
        raise ValueError("its columns differ in length")


class Slice(msgspec.Struct, frozen=True):
    """The rows of the test set in which a column has a value."""

    column: str
    value: str | int | float | bool


class MetricRow(msgspec.Struct, frozen=True):
    """A metric of the candidate with its interval; `passed` is None without a threshold."""

    name: str
    slice: Slice | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    rows: int = 0
    greater_is_better: bool = True
    threshold: float | None = None
    passed: bool | None = None


class ComparisonRow(msgspec.Struct, frozen=True):
    """A metric of both; the difference is counted towards better."""

    name: str
    slice: Slice | None = None
    candidate: float | None = None
    champion: float | None = None
    difference: float | None = None
    lower: float | None = None
    upper: float | None = None
    min_absolute_change: float | None = None
    passed: bool | None = None


class GateRow(msgspec.Struct, frozen=True):
    """A gate; an undefined value does not pass."""

    kind: str
    name: str
    passed: bool | None
    limit: float | None = None
    slice: Slice | None = None
    value: float | None = None


class CheckRow(msgspec.Struct, frozen=True):
    """What came of an expectation of the data."""

    type: str
    success: bool
    column: str | None = None
    unexpected_count: int | None = None
    unexpected_percent: float | None = None
    observed: str | None = None
    examples: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """A group of rows with its rates; None where a rate is undefined."""

    group: str
    rows: int = 0
    selection_rate: float | None = None
    true_positive_rate: float | None = None
    false_positive_rate: float | None = None


class FairnessRow(msgspec.Struct, frozen=True):
    """A difference between groups."""

    name: str
    sensitive_feature: str
    threshold: float
    value: float | None = None
    passed: bool = False
    groups: tuple[Group, ...] = ()


class Roc(msgspec.Struct, frozen=True):
    """A ROC curve."""

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse a curve whose sides differ in length."""
        _equally_long(self.fpr, self.tpr)


class PrecisionRecall(msgspec.Struct, frozen=True):
    """A curve of precision over recall."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse a curve whose sides differ in length."""
        _equally_long(self.recall, self.precision)


class Bin(msgspec.Struct, frozen=True):
    """Rows of similar probability."""

    predicted: float
    observed: float
    rows: int


class Residuals(msgspec.Struct, frozen=True):
    """Predicted and actual values; residual = actual - predicted."""

    predicted: tuple[float, ...]
    actual: tuple[float, ...]
    residual: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse rows that are not whole."""
        _equally_long(self.predicted, self.actual, self.residual)


class ForecastLine(msgspec.Struct, frozen=True):
    """Sums over all series at each time point; None where something is not known."""

    times: tuple[str, ...]
    actual: tuple[float | None, ...]
    predicted: tuple[float | None, ...]
    naive: tuple[float | None, ...]
    series: int

    def __post_init__(self) -> None:
        """Refuse time points that are not whole."""
        _equally_long(self.times, self.actual, self.predicted, self.naive)


class Curves(msgspec.Struct, frozen=True):
    """Everything to draw of one model; confusion has a row an actual class."""

    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] | None = None
    roc: Roc | None = None
    precision_recall: PrecisionRecall | None = None
    calibration: tuple[Bin, ...] = ()
    residuals: Residuals | None = None
    forecast: ForecastLine | None = None

    def __post_init__(self) -> None:
        """Refuse a confusion matrix that is not square over the classes."""
        if self.confusion is not None:
            _equally_long(self.classes, self.confusion, *self.confusion)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The checked content of a result.

    Attributes:
        level: of the confidence intervals, 0 to 1; None if nothing was evaluated.
        resamples: how many the bootstrap drew.
        rows: of the test set.
        latency: milliseconds by percentile, e.g. `p95`.
        candidate: what to draw of the candidate.
        champion: what to draw of the champion, or None.
        comparison: None if there was no champion.
    """

    metrics: tuple[MetricRow, ...]
    comparison: tuple[ComparisonRow, ...] | None
    gates: tuple[GateRow, ...]
    checks: tuple[CheckRow, ...]
    fairness: tuple[FairnessRow, ...]
    latency: dict[str, float]
    level: float | None
    resamples: int | None
    rows: int | None
    candidate: Curves
    champion: Curves | None

    @property
    def unmet(self) -> tuple[GateRow, ...]:
        """The gates that do not pass."""
        return tuple(gate for gate in self.gates if not gate.passed)

    def against_champion(self, metric: MetricRow) -> ComparisonRow | None:
        """Return the comparison of a metric, or None."""
        rows = self.comparison or ()
        same = (row for row in rows if (row.name, row.slice) == (metric.name, metric.slice))
        return next(same, None)


def evidence_of(result: RunResult) -> Evidence:
    """Check and return what a result holds; what its run did not reach is empty.

    Raises:
        ToolError: it is not what a run writes.
    """
    evaluation = result.evaluation
    confidence = _part(evaluation.get("confidence"))
    curves = _part(evaluation.get("curves"))
    return Evidence(
        metrics=_read(result.metrics, tuple[MetricRow, ...]),
        comparison=_read(result.comparison, tuple[ComparisonRow, ...] | None),
        gates=_read(result.gates, tuple[GateRow, ...]),
        checks=_read(result.data.get("checks", ()), tuple[CheckRow, ...]),
        fairness=_read(evaluation.get("fairness", ()), tuple[FairnessRow, ...]),
        latency=_read(result.timings.get("milliseconds", {}), dict[str, float]),
        level=_read(confidence.get("level"), float | None),
        resamples=_read(confidence.get("resamples"), int | None),
        rows=_read(evaluation.get("rows"), int | None),
        candidate=_read(curves.get("candidate") or {}, Curves),
        champion=_read(curves.get("champion"), Curves | None),
    )


def evidence_in(evaluation: dict[str, Any], timings: dict[str, Any]) -> Evidence:
    """Check and return what the files of a run hold, without its result.

    Args:
        evaluation: what evaluation.json says.
        timings: what timings.json says; empty: nothing.

    Raises:
        ToolError: it is not what a run writes.
    """
    confidence = _part(evaluation.get("confidence"))
    curves = _part(evaluation.get("curves"))
    comparison = evaluation.get("comparison")
    return Evidence(
        metrics=_read(evaluation.get("metrics", ()), tuple[MetricRow, ...]),
        comparison=_read(
            comparison and _part(comparison).get("metrics"), tuple[ComparisonRow, ...] | None
        ),
        gates=_read(evaluation.get("gates", ()), tuple[GateRow, ...]),
        checks=(),
        fairness=_read(evaluation.get("fairness", ()), tuple[FairnessRow, ...]),
        latency=_read(timings.get("milliseconds", {}), dict[str, float]),
        level=_read(confidence.get("level"), float | None),
        resamples=_read(confidence.get("resamples"), int | None),
        rows=_read(evaluation.get("rows"), int | None),
        candidate=_read(curves.get("candidate") or {}, Curves),
        champion=_read(curves.get("champion"), Curves | None),
    )


def _part(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = _read({} if value is None else value, dict[str, Any])
    return found


def _read(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ToolError(
            f"the result of the run cannot be read: {error}", hint="mergeline run MODEL makes one"
        ) from None
