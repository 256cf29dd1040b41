"""What was measured: metrics and slices with intervals, the champion, groups, latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.card.blocks import Gallery, Mark, Note, Picture, Section, Table, Text
from mergeline.report.numbers import (
    UNKNOWN,
    counted,
    interval,
    metric_title,
    number,
    percent,
    signed,
    threshold,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.audit.card import Card
    from mergeline.report.card.blocks import Block, Cell
    from mergeline.report.evidence import Curves, Evidence
    from mergeline.specs.types.evaluation import Metric
    from mergeline.specs.types.release import ReleasedMetric

_NUMBERS = frozenset({1, 2, 3, 4})
_PICTURES = (
    ("roc", "ROC curve. Solid: this version; dashed: the champion; dotted: guessing."),
    ("precision_recall", "Precision over recall. Dotted: the share of positives."),
    (
        "calibration",
        "Calibration in bins of predicted probability; on the dotted line they mean what they say.",
    ),
    (
        "predicted_actual",
        "Actual over predicted values, in the units of the target; at most 500 test rows.",
    ),
    ("residuals", "Residuals over predicted values."),
)


def evaluation(card: Card, evidence: Evidence | None) -> Section:
    """Return the metrics of the record, and what of the evidence goes with them."""
    blocks: list[Block] = [Text(_how(card, evidence))]
    if evidence is None:
        blocks.append(
            Note(
                f"The evidence was not read ({card.evidence.status}); the figures are the record's."
            )
        )
    whole = [one for one in card.release.metrics if one.slice is None]
    parts = [one for one in card.release.metrics if one.slice is not None]
    for caption, metrics in (("Metrics", whole), ("Slices of the test set", parts)):
        if metrics:
            blocks.append(_metrics(caption, card, evidence, metrics))
    if not parts:
        blocks.append(Text("No slice of the test set was measured apart."))
    if evidence is not None:
        blocks += _drawn(evidence)
    return Section("evaluation", "Evaluation", tuple(blocks))


def _how(card: Card, evidence: Evidence | None) -> str:
    spec, level = card.specs.evaluation, card.release.metrics[0].confidence_interval.level
    rows = f" of {counted(evidence.rows, 'row')}" if evidence and evidence.rows else ""
    drawn = ""
    if spec is not None:
        method = spec.confidence.method.replace("_", " ")
        drawn = f", from a {method} with {counted(spec.confidence.resamples, 'resample')}"
    return (
        f"Measured on the frozen test set{rows}. Intervals are {percent(level)} intervals{drawn}. "
        "A threshold is held against the value itself."
    )


def _metrics(
    caption: str, card: Card, evidence: Evidence | None, metrics: list[ReleasedMetric]
) -> Block:
    spec = card.specs.evaluation
    asked = {(one.name, one.slice): one for one in spec.metrics} if spec else {}
    lines: list[tuple[Cell, ...]] = []
    for one in metrics:
        wanted = asked.get((one.name, one.slice))
        spread = one.confidence_interval
        title = metric_title(one.name, one.slice)
        lines.append(
            (
                title,
                number(_rows_of(evidence, title)),
                number(one.value),
                interval(spread.lower, spread.upper),
                _limit(wanted),
                Mark(_met(one.value, wanted)),
            )
        )
    header = ("Metric", "Rows", "Value", "Interval", "Threshold", "Result")
    return Table(caption, header, tuple(lines), _NUMBERS)


def _rows_of(evidence: Evidence | None, title: str) -> int | None:
    rows = evidence.metrics if evidence else ()
    return next((one.rows for one in rows if metric_title(one.name, one.slice) == title), None)


def _limit(wanted: Metric | None) -> str:
    if wanted is None:
        return UNKNOWN
    return threshold(wanted.threshold, greater_is_better=wanted.greater_is_better)


def _met(value: float, wanted: Metric | None) -> bool | None:
    if wanted is None or wanted.threshold is None:
        return None
    return value >= wanted.threshold if wanted.greater_is_better else value <= wanted.threshold


def _drawn(evidence: Evidence) -> Iterator[Block]:
    yield Picture(
        "metrics",
        "Each metric on a scale of its own: the dot is the value, the bar its interval, the dashed "
        "line the threshold, the diamond the champion's value, if there was one.",
    )
    yield Picture("forecast", "Forecast and actual values at the latest time points.")
    yield Gallery(tuple(Picture(name, caption) for name, caption in _PICTURES))
    if evidence.candidate.confusion is not None:
        yield _confusion(evidence.candidate)


def _confusion(curves: Curves) -> Block:
    assert curves.confusion is not None
    rows: list[tuple[Cell, ...]] = []
    for name, counts in zip(curves.classes, curves.confusion, strict=True):
        whole = sum(counts)
        cells = (f"{number(one)} ({percent(one / whole)})" if whole else UNKNOWN for one in counts)
        rows.append((f"actual {name}", *cells))
    header = ("", *(f"predicted {name}" for name in curves.classes))
    caption = "Confusion matrix: test rows, with the share of the actual class"
    return Table(caption, header, tuple(rows), frozenset(range(1, len(header))))


def champion(card: Card, evidence: Evidence | None) -> Section | None:
    """Return the comparison with the version that was in production; None: there is none."""
    compared = (card.evidence.evaluation or {}).get("comparison") or {}
    if evidence is None or evidence.comparison is None:
        return None
    named = compared.get("champion") or {}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            metric_title(one.name, one.slice),
            number(one.candidate),
            number(one.champion),
            signed(one.difference),
            interval(one.lower, one.upper, sign=True),
            signed(one.min_absolute_change),
            Mark(one.passed),
        )
        for one in evidence.comparison
    )
    header = ("Metric", "This version", "Champion", "Difference", "Interval", "Margin", "Result")
    text = (
        f"The champion was {named.get('version')}. Both were measured on the same test rows, "
        "resampled in pairs. Differences are counted towards better; a gate passes if the whole "
        "interval lies right of the margin."
    )
    table = Table("Metrics of both", header, rows, frozenset(range(1, 6)))
    picture = Picture(
        "comparison",
        "Difference from the champion: the dot is the difference, the bar its interval, the solid "
        "line zero, the dashed line the margin.",
    )
    return Section("champion", "Against the champion", (Text(text), table, picture))


def fairness(card: Card, evidence: Evidence | None) -> Section:
    """Return how groups were served."""
    spec = card.specs.evaluation
    if evidence is None:
        return Section("fairness", "Fairness", tuple(_asked(card)))
    if not evidence.fairness:
        said = "No measure of fairness is asked for, so none was taken."
        return Section(
            "fairness",
            "Fairness",
            (Note(said) if spec is None or card.release.risk == "high" else Text(said),),
        )
    blocks: list[Block] = [
        Table(
            "Differences between groups",
            ("Measure", "Groups of", "Value", "At most", "Result"),
            tuple(
                (
                    one.name,
                    one.sensitive_feature,
                    number(one.value),
                    number(one.threshold),
                    Mark(one.passed),
                )
                for one in evidence.fairness
            ),
            frozenset({2, 3}),
        )
    ]
    for one in evidence.fairness:
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (
                group.group,
                number(group.rows),
                percent(group.selection_rate),
                percent(group.true_positive_rate),
                percent(group.false_positive_rate),
            )
            for group in one.groups
        )
        header = ("Group", "Rows", "Selection rate", "True positive rate", "False positive rate")
        blocks.append(Table(f"Groups of {one.sensitive_feature}", header, rows, _NUMBERS))
    return Section("fairness", "Fairness", tuple(blocks))


def _asked(card: Card) -> Iterator[Block]:
    spec = card.specs.evaluation
    if spec is None or not spec.fairness:
        yield Text(
            "No measure of fairness is known."
            if spec is None
            else "No measure of fairness is asked for."
        )
        return
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (one.metric, one.sensitive_feature, number(one.threshold)) for one in spec.fairness
    )
    caption = (
        "What was asked, and met, for else there were no release; the values are in the evidence"
    )
    yield Table(caption, ("Measure", "Groups of", "At most"), rows, frozenset({2}))


def latency(card: Card, evidence: Evidence | None) -> Section | None:
    """Return how long an answer takes; None: nothing is known."""
    asked = card.specs.evaluation and card.specs.evaluation.latency
    blocks: list[Block] = []
    if asked:
        blocks.append(
            Text(
                f"Percentile {asked.percentile:g} of one prediction of one row may take "
                f"{number(asked.threshold_milliseconds)} ms, and took no longer before release."
            )
        )
    if evidence is not None and evidence.latency:
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (name, f"{number(one)} ms") for name, one in sorted(evidence.latency.items())
        )
        caption = "As the registry has it, on the machine of the run; no digest covers it"
        blocks.append(Table(caption, ("Percentile", "Took"), rows, frozenset({1})))
    return Section("latency", "Latency", tuple(blocks)) if blocks else None
