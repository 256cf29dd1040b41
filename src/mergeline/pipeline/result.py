"""The result of a run: what reports, comments and releases are made of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mergeline.errors import ToolError
from mergeline.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from pathlib import Path


RESULT = "result.json"


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a step; `seconds` is what it took when it really ran."""

    name: str
    status: Literal["ran", "cached", "failed", "skipped"]
    key: str | None = None
    seconds: float = 0.0


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """A finding in the form in which every command prints it."""

    rule: str
    severity: str
    message: str
    file: str
    line: int
    column: int
    hint: str | None = None

    @classmethod
    def of(cls, finding: Finding) -> Issue:
        """Return a finding as an issue."""
        place = finding.location
        return cls(
            rule=finding.rule,
            severity=finding.severity.value,
            message=finding.message,
            file=place.file,
            line=place.line,
            column=place.column,
            hint=finding.hint,
        )

    def as_finding(self) -> Finding:
        """Return the issue as a finding."""
        place = Location(self.file, self.line, self.column)
        return Finding(self.rule, Severity(self.severity), self.message, place, self.hint)


class ChampionName(msgspec.Struct, frozen=True, kw_only=True):
    """The version that the candidate was compared with."""

    version: str
    digest: str


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """Where the run went in MLflow."""

    run_id: str
    model_uri: str
    tracking_uri: str


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run.

    Attributes:
        outcome: passed, or failed if any finding is an error.
        metrics: rows of `evaluation.json`: name, slice, value, lower, upper, rows,
            greater_is_better, threshold, passed.
        comparison: against the champion, rows: name, slice, champion, candidate, difference
            (towards better), lower, upper, min_absolute_change, passed; None: none was made.
        gates: rows: kind, name, value, limit, passed.
        data, features, training, evaluation, timings, package: the JSON that the step wrote;
            empty if it did not get that far.
        environment: Python, operating system, CPU and GPU of the training.
        confined: by step, how each child that ran the model's code was held to its limits.
        digests: dataset, test_set, model, artifact, evaluation, lockfile; those there are.
        mlflow: where it was recorded, or None.
        paths: outputs by name, relative to the folder that holds the state folder.
        jobs_apart: did another machine run it than the one that registers it?
        handed_over: the digest under which it was handed over to another process, or None.
        same_split: was the champion trained apart from this very test set? None: no champion.
    """

    model: str
    version: str
    task: str
    risk: str
    outcome: Literal["passed", "failed"]
    started: str
    seconds: float
    commit: str | None
    clean: bool
    steps: tuple[StepResult, ...]
    findings: tuple[Issue, ...]
    champion: ChampionName | None
    metrics: tuple[dict[str, Any], ...] = ()
    comparison: tuple[dict[str, Any], ...] | None = None
    same_split: bool | None = None
    gates: tuple[dict[str, Any], ...] = ()
    environment: dict[str, str] = {}
    confined: dict[str, list[dict[str, Any]]] = {}
    digests: dict[str, str] = {}
    mlflow: Recorded | None = None
    paths: dict[str, str] = {}
    data: dict[str, Any] = {}
    features: dict[str, Any] = {}
    training: dict[str, Any] = {}
    evaluation: dict[str, Any] = {}
    timings: dict[str, Any] = {}
    package: dict[str, Any] = {}
    jobs_apart: bool = False
    handed_over: str | None = None

    @property
    def passed(self) -> bool:
        """Is the answer yes?"""
        return self.outcome == "passed"


def write_result(result: RunResult, folder: Path) -> Path:
    """Write a result as `result.json`, atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RESULT
    draft = folder / f".{RESULT}.{os.getpid()}"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    draft.replace(path)
    return path


def read_result(folder: Path) -> RunResult:
    """Read the result that a run left in a folder.

    Raises:
        ToolError: there is none, or it is not readable.
    """
    path = folder / RESULT
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunResult)
    except (OSError, msgspec.DecodeError) as error:
        raise ToolError(
            f"no result of a run can be read: {error}", hint="mergeline run MODEL makes one"
        ) from None
