"""What can be wrong with evaluation.yaml once the data is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.pipeline.suggestion import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context
    from mergeline.pipeline.scoring import TestSet
    from mergeline.specs.document import Pointer


def unfit_metrics(context: Context, test: TestSet) -> list[Finding]:
    """Return a finding for each metric that is for another task, or for two classes only."""
    from mergeline.pipeline.metrics import METRICS
    from mergeline.pipeline.predictions import BINARY

    task, document = context.model.model.task, context.model.documents["evaluation.yaml"]
    findings = []
    for index, metric in enumerate(context.model.evaluation.metrics):
        function, place = METRICS[metric.name], ("metrics", index, "name")
        if not function.fits(task):
            message = f"{metric.name} is not defined for {task}"
            findings.append(document.finding("metric-missing", message, place))
        elif function.binary and test.classes != BINARY:
            message = f"{metric.name} is of the classes 0 and 1, the target has {_shown(test)}"
            hint = "use f1_macro, balanced_accuracy, log_loss or roc_auc_ovr"
            findings.append(document.finding("target-not-binary", message, place, hint=hint))
    if context.model.evaluation.fairness and test.classes != BINARY:
        message = f"fairness is of the classes 0 and 1, the target has {_shown(test)}"
        findings.append(document.finding("target-not-binary", message, ("fairness",)))
    return findings


def _shown(test: TestSet) -> str:
    if test.classes is None:
        return "numbers"
    several = f" and {len(test.classes) - 5} more" if len(test.classes) > 5 else ""
    return ", ".join(map(str, test.classes[:5])) + several


def unusable_columns(context: Context, test: TestSet) -> Iterator[Finding]:
    """Give a finding for each slice or group by a column that is missing or not numeric."""
    document, names = context.model.documents["evaluation.yaml"], list(test.rows.columns)
    for name, place in _columns(context):
        if name not in names:
            message, hint = f'the data has no column "{name}"', suggest(name, names)
            yield document.finding("column-missing", message, place, hint=hint)
    for index, fairness in enumerate(context.model.evaluation.fairness):
        name = fairness.sensitive_feature
        if fairness.bins and name in names and test.rows[name].dtype.kind not in "iufb":
            message = f'"{name}" holds no numbers that could be cut into bins'
            place = ("fairness", index, "bins")
            hint = "remove bins: each value is a group"
            yield document.finding("column-type", message, place, hint=hint)


def long_blocks(context: Context, test: TestSet) -> Iterator[Finding]:
    """Give a finding if the test rows are too few time points for the bootstrap's blocks."""
    length = context.model.evaluation.confidence.block_length
    if test.time is None or length is None:
        return
    times = len(set(test.time.points.tolist()))
    if 2 * length > times:
        message = f"blocks of {length} time points cannot be drawn of {times}: at most {times // 2}"
        hint = "write shorter blocks, or test on a longer time"
        place = ("confidence", "block_length")
        document = context.model.documents["evaluation.yaml"]
        yield document.finding("blocks-too-long", message, place, hint=hint)


def _columns(context: Context) -> Iterator[tuple[str, Pointer]]:
    for index, metric in enumerate(context.model.evaluation.metrics):
        if metric.slice is not None:
            yield metric.slice.column, ("metrics", index, "slice", "column")
    for index, fairness in enumerate(context.model.evaluation.fairness):
        yield fairness.sensitive_feature, ("fairness", index, "sensitive_feature")
