"""From the outputs of the steps to the result of the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mergeline.findings import has_errors, in_order
from mergeline.pipeline.confined import CONFINED
from mergeline.pipeline.hardware import machine
from mergeline.pipeline.result import ChampionName, Issue, Recorded, RunResult

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mergeline.pipeline.loop import Run

# What each part of the result is read from: step and file.
_PARTS = {
    "data": ("data", "data.json"),
    "features": ("features", "features.json"),
    "training": ("train", "train.json"),
    "evaluation": ("evaluate", "evaluation.json"),
    "timings": ("evaluate", "timings.json"),
    "package": ("package", "package.json"),
    "record": ("record", "record.json"),
}
_DIGESTS = {
    "dataset": ("data", "digest"),
    "test_set": ("features", "test_set"),
    "model": ("training", "model_digest"),
    "artifact": ("package", "artifact_digest"),
    "predictions": ("evaluation", "predictions"),
}


def gather(run: Run, started: datetime, seconds: float) -> RunResult:
    """Return the result of a run, from what its steps wrote."""
    context = run.context
    parts = {name: _read(run.outputs.get(step), file) for name, (step, file) in _PARTS.items()}
    record, evaluation = parts.pop("record"), parts["evaluation"]
    comparison = evaluation.get("comparison")
    return RunResult(
        model=context.model.name,
        version=context.model.model.version,
        task=context.model.model.task,
        risk=context.model.model.risk,
        outcome="failed" if has_errors(run.findings) else "passed",
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(seconds, 3),
        commit=context.commit,
        clean=context.clean,
        steps=tuple(run.steps),
        findings=tuple(Issue.of(finding) for finding in in_order(run.findings)),
        champion=_champion(run),
        metrics=tuple(evaluation.get("metrics", ())),
        comparison=None if comparison is None else tuple(comparison["metrics"]),
        same_split=None if comparison is None else comparison["same_split"],
        gates=(*evaluation.get("gates", ()), *parts["timings"].get("gates", ())),
        environment=_read(run.outputs.get("train"), "machine.json") or machine(),
        confined=_confined(run),
        digests=_digests(run, parts),
        mlflow=Recorded(**record) if record else None,
        paths=_paths(run),
        data=parts["data"],
        features=parts["features"],
        training=parts["training"],
        evaluation=evaluation,
        timings=parts["timings"],
        package=parts["package"],
    )


def _confined(run: Run) -> dict[str, Any]:
    """Return how the children of each step were confined."""
    found = {}
    for step, folder in run.outputs.items():
        if (folder / CONFINED).is_file():
            found[step] = json.loads((folder / CONFINED).read_bytes())
    return found


def _read(folder: Path | None, name: str) -> dict[str, Any]:
    if folder is None or not (folder / name).is_file():
        return {}
    content: dict[str, Any] = json.loads((folder / name).read_bytes())
    return content


def _champion(run: Run) -> ChampionName | None:
    champion = run.context.champion
    if champion is None:
        return None
    return ChampionName(version=champion.version, digest=champion.digest)


def _digests(run: Run, parts: dict[str, dict[str, Any]]) -> dict[str, str]:
    found = {name: parts[part].get(key) for name, (part, key) in _DIGESTS.items()}
    found["lockfile"] = run.context.lockfile_digest
    if "evaluate" in run.entries:
        found["evaluation"] = run.entries["evaluate"].outputs["evaluation.json"]
    return {name: digest for name, digest in found.items() if digest}


def _paths(run: Run) -> dict[str, str]:
    paths = dict(run.outputs)
    if "package" in run.entries:
        paths["model"] = paths["package"] / "model"
    paths["result"] = run.context.results / "result.json"
    home = run.context.state.parent
    return {name: path.relative_to(home).as_posix() for name, path in paths.items()}
