"""A release record against a training of the same commit that was made anew: field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mergeline.errors import ExitCode
from mergeline.promotion.record import spec_digests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.pipeline.result import RunResult
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release

Value = str | int | float | None
Facts = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Compared:
    """A field of a release record, and what the rebuild has in its place; None: nothing."""

    field: str
    recorded: Value
    rebuilt: Value

    @property
    def equal(self) -> bool:
        """Are they the same, to the last bit?"""
        return self.recorded == self.rebuilt

    def as_json(self) -> dict[str, Value]:
        """Return the field for programs."""
        return {"field": self.field, "recorded": self.recorded, "rebuilt": self.rebuilt}


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What became of a version that was to be rebuilt.

    Attributes:
        model: the model.
        version: the version.
        outcome: equal or different; refused: the record is not what was released; errored: it
            could not be answered.
        commit: what was trained; None: it did not come to that.
        compared: each field.
        notes: what does not make a difference, but explains one.
        reason: why it was refused or errored.
        hint: what mends that.
        seconds: how long it took, and how much of it the steps of the pipeline.
    """

    model: str
    version: str
    outcome: Literal["equal", "different", "refused", "errored"]
    commit: str | None = None
    compared: tuple[Compared, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str | None = None
    hint: str | None = None
    seconds: tuple[float, float] = (0.0, 0.0)

    @property
    def differing(self) -> list[Compared]:
        """The fields that are not equal."""
        return [one for one in self.compared if not one.equal]

    def as_json(self) -> dict[str, Any]:
        """Return the answer for programs."""
        whole, training = self.seconds
        return {
            "model": self.model,
            "version": self.version,
            "outcome": self.outcome,
            "commit": self.commit,
            "fields": len(self.compared),
            "differing": [one.as_json() for one in self.differing],
            "notes": list(self.notes),
            "reason": self.reason,
            "hint": self.hint,
            "seconds": round(whole, 3),
            "pipeline_seconds": round(training, 3),
        }


def exit_code(answers: Iterable[Reproduction]) -> ExitCode:
    """Return 3 if one could not be answered, else 1 if one is not equal, else 0."""
    outcomes = {answer.outcome for answer in answers}
    if "errored" in outcomes:
        return ExitCode.TOOL
    return ExitCode.YES if outcomes <= {"equal"} else ExitCode.NO


def compare(recorded: Facts, rebuilt: Facts) -> tuple[Compared, ...]:
    """Return every field of a record beside the rebuild's."""
    return tuple(Compared(name, value, rebuilt.get(name)) for name, value in recorded.items())


def recorded_facts(release: Release) -> Facts:
    """Return what a rebuild has to bring about again; what an older record lacks is left out."""
    facts: Facts = {f"specs.{path}": digest for path, digest in release.specs.items()}
    facts["environment.lockfile_digest"] = release.environment.lockfile_digest
    for dataset in release.datasets:
        facts[f"datasets.{dataset.name}.digest"] = dataset.digest
        facts[f"datasets.{dataset.name}.rows"] = dataset.rows
    if release.model_digest is not None:
        facts["model_digest"] = release.model_digest
    facts["artifact.digest"] = release.artifact.digest
    if release.predictions_digest is not None:
        facts["predictions_digest"] = release.predictions_digest
    for metric in release.metrics:
        part = f"{metric.slice.column}={metric.slice.value}" if metric.slice else None
        interval = metric.confidence_interval
        numbers = (metric.value, interval.lower, interval.upper)
        facts |= _metric(metric.name, part, metric.dataset, numbers)
    return facts


def rebuilt_facts(model: ModelFolder, result: RunResult) -> Facts:
    """Return the same of a training: the model at its commit, and what the pipeline said."""
    digests, data = result.digests, result.data
    facts: Facts = {f"specs.{path}": digest for path, digest in spec_digests(model).items()}
    facts["environment.lockfile_digest"] = digests.get("lockfile")
    if data:
        facts[f"datasets.{data['name']}.digest"] = data["digest"]
        facts[f"datasets.{data['name']}.rows"] = data["rows"]
    facts["model_digest"] = digests.get("model")
    facts["artifact.digest"] = digests.get("artifact")
    facts["predictions_digest"] = digests.get("predictions")
    for row in result.metrics:
        part = f"{row['slice']['column']}={row['slice']['value']}" if row["slice"] else None
        numbers = (row["value"], row["lower"], row["upper"])
        facts |= _metric(row["name"], part, digests.get("test_set"), numbers)
    return facts


def _metric(
    name: str, part: str | None, test_set: str | None, numbers: tuple[float | None, ...]
) -> Facts:
    whole = f"metrics.{name}" + (f"[{part}]" if part else "")
    facts: Facts = {f"{whole}.dataset": test_set}
    for key, number in zip(("value", "lower", "upper"), numbers, strict=True):
        facts[f"{whole}.{key}"] = number
    return facts
