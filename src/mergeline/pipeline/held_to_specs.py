"""Is a run that was handed over what the specs of its commit ask for?

The job that evaluated ran the model's code. Should that have broken out, all of the hand-over is
its own; so whatever Git knows is not taken from there: which code is packaged, which metrics are
asked for, what they have to reach. What only that job knows is its measurements.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import RefusedError
from mergeline.pipeline.gates import (
    gate_rows,
    improves,
    is_fair,
    latency_gate,
    named,
    reaches,
)
from mergeline.pipeline.packaging import package_digest
from mergeline.sandbox import Enforced
from mergeline.sandbox.confinement import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.pipeline.context import Champion, Context
    from mergeline.pipeline.result import RunResult

Row = dict[str, Any]


class _Held(msgspec.Struct, frozen=True):
    """A row of `confined`."""

    what: str
    enforced: tuple[Enforced, ...]


def require_as_specified(
    context: Context, result: RunResult, folder: Path, champion: Champion | None
) -> None:
    """Refuse a run that is not what the specs ask for.

    Args:
        context: of the model at the commit that is released.
        result: what was handed over.
        folder: where it is.
        champion: the version in production now.

    Raises:
        RefusedError: it is not.
        KeyError, TypeError, ValueError: something of it is missing, or of another kind.
    """
    _require_training(context, result)
    _require_metrics(context, result.evaluation)
    _require_comparison(context, result.evaluation, champion)
    _require_fairness(context, result.evaluation)
    _require_gates(context, result)
    _require_confined(result)
    _require_package(context, result, folder)


def _require_training(context: Context, result: RunResult) -> None:
    training = context.model.training
    asked = {"estimator": training.estimator, "hyperparameters": training.hyperparameters}
    if {name: result.training[name] for name in asked} != asked:
        raise RefusedError("the run trained another estimator than training.yaml says")
    sets = {result.features["test_set"], result.evaluation["test_set"], result.digests["test_set"]}
    if len(sets) > 1:
        raise RefusedError("the run evaluated on another test set than its features step made")


def _require_metrics(context: Context, evaluation: Mapping[str, Any]) -> None:
    spec = context.model.evaluation
    _same_names("metrics", evaluation["metrics"], [named(metric) for metric in spec.metrics])
    for row, metric in zip(evaluation["metrics"], spec.metrics, strict=True):
        asked = {"greater_is_better": metric.greater_is_better, "threshold": metric.threshold}
        _require_row(row, {**asked, "passed": reaches(metric, row["value"])})
    if evaluation["confidence"] != msgspec.to_builtins(spec.confidence):
        raise RefusedError("the run has other intervals than evaluation.yaml asks for")


def _require_comparison(
    context: Context, evaluation: Mapping[str, Any], champion: Champion | None
) -> None:
    spec, found = context.model.evaluation, evaluation["comparison"]
    if spec.baseline != "champion" or champion is None:
        if found is not None:
            raise RefusedError("the run compares with a champion that evaluation.yaml does not ask")
        return
    if found is None or found["champion"]["digest"] != champion.digest:
        raise RefusedError("the run was not compared with the version in production")
    _same_names("comparison", found["metrics"], [named(metric) for metric in spec.metrics])
    for row, metric in zip(found["metrics"], spec.metrics, strict=True):
        asked = {"min_absolute_change": metric.min_absolute_change}
        _require_row(row, {**asked, "passed": improves(metric, row["lower"])})


def _require_fairness(context: Context, evaluation: Mapping[str, Any]) -> None:
    asked = context.model.evaluation.fairness
    names = [{"name": one.metric, "sensitive_feature": one.sensitive_feature} for one in asked]
    _same_names("fairness", evaluation["fairness"], names)
    for row, one in zip(evaluation["fairness"], asked, strict=True):
        _require_row(row, {"threshold": one.threshold, "passed": is_fair(one, row["value"])})


def _require_gates(context: Context, result: RunResult) -> None:
    gates, asked = gate_rows(dict(result.evaluation)), context.model.evaluation.latency
    if asked is not None:
        (timed,) = result.timings["gates"]
        gates.append(latency_gate(asked.percentile, timed["value"], asked.threshold_milliseconds))
    if list(result.gates) != gates:
        raise RefusedError("the run has other gates than evaluation.yaml asks for")
    for gate in gates:
        if gate["passed"] is not True:
            raise RefusedError(f"the gate {gate['kind']} {gate['name']} of the run is not met")


def _require_confined(result: RunResult) -> None:
    """Each child says of each subject what holds it, or that nothing does."""
    for step, rows in result.confined.items():
        for held in msgspec.convert(rows, list[_Held]):
            if {one.subject for one in held.enforced} != set(SUBJECTS):
                raise RefusedError(f"the {step} step does not say how {held.what} was confined")


def _require_package(context: Context, result: RunResult, folder: Path) -> None:
    """The package is that of this commit: made anew beside the model file, it is the same."""
    from mergeline.pipeline.steps.package import PackageStep

    with tempfile.TemporaryDirectory(prefix="mergeline-") as place:
        upstream = {step: folder / result.paths[step] for step in PackageStep.needs}
        PackageStep().run(context, upstream, Path(place))
        if package_digest(Path(place, "model")) != result.digests["artifact"]:
            raise RefusedError("the package holds something else than the commit says")


def _same_names(what: str, rows: Sequence[Row], asked: Sequence[Row]) -> None:
    names = [{key: row[key] for key in one} for row, one in zip(rows, asked, strict=False)]
    if len(rows) != len(asked) or names != list(asked):
        raise RefusedError(f"the run has other {what} than evaluation.yaml asks for")


def _require_row(row: Row, asked: Mapping[str, Any]) -> None:
    if {key: row[key] for key in asked} != asked:
        raise RefusedError(f"the run judges {row['name']} otherwise than evaluation.yaml does")
