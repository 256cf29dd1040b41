"""The drawings of a report. Colour never stands alone: dashes, marks and words say it too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from mergeline.report.svg import CANDIDATE, CHAMPION, INK, MUTED, PAPER, drawing, svg
from mergeline.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from mergeline.report.evidence import Bin, ForecastLine, PrecisionRecall, Residuals, Roc

# In inches; the page shows them some 1.4 times as large.
_SQUARE = (4.5, 3.9)
_WIDE = 8.8
_ROW = 0.62
_LONGEST = 34
_CANDIDATE = "candidate"
_CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that a row is held against."""

    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a forest plot.

    Attributes:
        title: stands left of it.
        value: the point.
        lower: where the interval begins.
        upper: where it ends.
        marks: what it is held against: `zero`, `limit` or `champion`.
        note: stands right of it.
    """

    title: str
    value: float
    lower: float
    upper: float
    marks: tuple[Mark, ...]
    note: str


def forest(rows: Sequence[Row], name: str, label: str) -> str:
    """Return intervals, a row a metric; each has a scale of its own, for their units differ."""
    with drawing():
        figure = Figure(figsize=(_WIDE, _ROW * len(rows) + 0.1))
        figure.subplots_adjust(
            left=0.27, right=0.76, top=0.99, bottom=0.3 / (len(rows) + 0.16), hspace=1.15
        )
        axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
        for ax, row in zip(axes, rows, strict=True):
            _forest_row(ax, row)
        return svg(figure, name, label)


def _forest_row(ax: Axes, row: Row) -> None:
    ends = [row.lower, row.upper, row.value, *(mark.value for mark in row.marks)]
    span = (max(ends) - min(ends)) or abs(row.value) or 1.0
    ax.set_xlim(min(ends) - 0.08 * span, max(ends) + 0.08 * span)
    ax.set_ylim(-1, 1)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.locator_params(axis="x", nbins=6)
    ax.tick_params(axis="x", labelsize=8, length=2, pad=2)
    for mark in row.marks:
        _mark(ax, mark)
    ax.plot([row.lower, row.upper], [0, 0], color=CANDIDATE, solid_capstyle="butt", linewidth=2.4)
    for end in (row.lower, row.upper):
        ax.plot([end, end], [-0.3, 0.3], color=CANDIDATE, linewidth=1.6)
    ax.plot([row.value], [0], "o", color=CANDIDATE, markeredgecolor=PAPER, markersize=7)
    place = {"transform": ax.transAxes, "va": "center"}
    ax.text(-0.03, 0.5, _two_lines(row.title), ha="right", **place)  # type: ignore[arg-type]
    ax.text(1.03, 0.5, row.note, ha="left", **place)  # type: ignore[arg-type]


def _mark(ax: Axes, mark: Mark) -> None:
    if mark.kind == "zero":
        ax.axvline(mark.value, color=INK, linewidth=1.2)
    elif mark.kind == "limit":
        ax.axvline(mark.value, color=MUTED, linewidth=1.4, linestyle=(0, (3, 2)))
    else:
        ax.plot([mark.value], [0.62], "D", color=CHAMPION, markeredgecolor=PAPER, markersize=5.5)


def roc(candidate: Roc, champion: Roc | None) -> str:
    """Return ROC curves."""
    with drawing():
        figure, ax = _square()
        ax.plot([0, 1], [0, 1], color=MUTED, linestyle=":", label="guessing")
        if champion is not None:
            ax.plot(champion.fpr, champion.tpr, color=CHAMPION, linestyle="--", label=_CHAMPION)
        ax.plot(candidate.fpr, candidate.tpr, color=CANDIDATE, label=_CANDIDATE)
        _unit_axes(ax, "False positive rate (share of negatives)", "True positive rate (recall)")
        _legend(figure)
        return svg(figure, "roc", "ROC curve: true positive rate over false positive rate")


def precision_recall(
    candidate: PrecisionRecall, champion: PrecisionRecall | None, share: float | None
) -> str:
    """Return curves of precision over recall; `share` is that of positives, where known."""
    with drawing():
        figure, ax = _square()
        if share is not None:
            ax.axhline(share, color=MUTED, linestyle=":", label="guessing")
        if champion is not None:
            ax.step(
                champion.recall,
                champion.precision,
                where="pre",
                color=CHAMPION,
                linestyle="--",
                label=_CHAMPION,
            )
        ax.step(
            candidate.recall, candidate.precision, where="pre", color=CANDIDATE, label=_CANDIDATE
        )
        _unit_axes(ax, "Recall (share of positives found)", "Precision (share of calls right)")
        _legend(figure)
        return svg(figure, "precisionrecall", "Precision over recall")


def calibration(candidate: Sequence[Bin], champion: Sequence[Bin]) -> str:
    """Return observed shares over predicted probabilities; larger marks hold more rows."""
    with drawing():
        figure, ax = _square()
        ax.plot([0, 1], [0, 1], color=MUTED, linestyle=":", label="perfect")
        most = max((one.rows for one in (*candidate, *champion)), default=1)
        if champion:
            _bins(ax, champion, most, CHAMPION, "s", "--", _CHAMPION)
        _bins(ax, candidate, most, CANDIDATE, "o", "-", _CANDIDATE)
        _unit_axes(ax, "Predicted probability (mean of a bin)", "Observed share of positives")
        _legend(figure)
        return svg(figure, "calibration", "Calibration: observed share over predicted probability")


def _bins(
    ax: Axes, bins: Sequence[Bin], most: int, colour: str, marker: str, line: str, label: str
) -> None:
    places = [one.predicted for one in bins], [one.observed for one in bins]
    ax.plot(*places, color=colour, linestyle=line, linewidth=1.1, label=label, marker=marker, ms=3)
    sizes = [18 + 110 * one.rows / most for one in bins]
    face = colour if marker == "o" else PAPER
    ax.scatter(*places, s=sizes, facecolor=face, edgecolor=colour, marker=marker, zorder=3)


def forecast(candidate: ForecastLine, champion: ForecastLine | None, target: str) -> str:
    """Return forecast and actual values over time, and the seasonal naive forecast."""
    with drawing():
        figure = Figure(figsize=(_WIDE, 3.4), layout="constrained")
        ax = figure.subplots()
        places = range(len(candidate.times))
        ax.plot(places, _known(candidate.naive), color=MUTED, linestyle=":", label="seasonal naive")
        ax.plot(places, _known(candidate.actual), color=INK, linewidth=1.1, label="actual")
        if champion is not None and champion.times == candidate.times:
            ax.plot(
                places, _known(champion.predicted), color=CHAMPION, linestyle="--", label=_CHAMPION
            )
        ax.plot(places, _known(candidate.predicted), color=CANDIDATE, label=_CANDIDATE)
        marked = sorted({round(at * (len(places) - 1) / 4) for at in range(5)})
        names = [candidate.times[at].removesuffix("T00:00:00") for at in marked]
        ax.set_xticks(marked, names)
        summed = f", {candidate.series} series summed" if candidate.series > 1 else ""
        ax.set_ylabel(_cut(f"{target}{summed}"))
        figure.legend(loc="outside upper left", ncols=4, columnspacing=1.4, borderpad=0)
        return svg(figure, "forecast", "Forecast and actual values over the time that tests")


def _known(values: Sequence[float | None]) -> list[float]:
    """Return values to draw: a gap where one is not known."""
    return [math.nan if value is None else value for value in values]


def predicted_actual(residuals: Residuals, target: str) -> str:
    """Return actual over predicted values."""
    with drawing():
        figure, ax = _square()
        ends = [*residuals.predicted, *residuals.actual]
        low, high = min(ends), max(ends)
        ax.plot([low, high], [low, high], color=MUTED, linestyle=":", label="perfect")
        _cloud(ax, residuals.predicted, residuals.actual)
        ax.set_xlabel(_cut(f"Predicted {target}"))
        ax.set_ylabel(_cut(f"Actual {target}"))
        _legend(figure)
        return svg(figure, "actual", "Actual over predicted values of the test rows")


def residual_plot(residuals: Residuals, target: str) -> str:
    """Return residuals (actual - predicted) over predicted values."""
    with drawing():
        figure, ax = _square()
        ax.axhline(0, color=INK, linewidth=1.2)
        _cloud(ax, residuals.predicted, residuals.residual)
        ax.set_xlabel(_cut(f"Predicted {target}"))
        ax.set_ylabel(_cut(f"Residual: actual - predicted {target}"))
        return svg(figure, "residuals", "Residuals over predicted values of the test rows")


def _cloud(ax: Axes, across: Sequence[float], up: Sequence[float]) -> None:
    ax.scatter(across, up, s=16, color=CANDIDATE, alpha=0.6, linewidths=0, label="a test row")


def _square() -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SQUARE, layout="constrained")
    return figure, figure.subplots()


def _legend(figure: Figure) -> None:
    # Above the axes, where no curve can run through it.
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.4, borderpad=0)


def _unit_axes(ax: Axes, across: str, up: str) -> None:
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlabel(across)
    ax.set_ylabel(up)


def _two_lines(title: str) -> str:
    name, where, part = title.partition(" where ")
    return f"{_cut(name)}\n{_cut(f'where {part}')}" if where else _cut(title)


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
