"""The record step: tell the registry of the run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.pipeline.confined import CONFINED, weakest
from mergeline.pipeline.json_file import read_json, write_json
from mergeline.registry.names import (
    CLEAN_TREE,
    COMMIT,
    CONFIDENCE,
    FETCH,
    ISOLATION,
    LOCKFILE,
    TEST_SET,
    VERSION,
    metric_key,
    run_metrics,
    run_params,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.pipeline.context import Context
    from mergeline.registry.facts import DatasetFacts, RecordedRun, RunFacts

Row = dict[str, Any]
_SQLITE = "sqlite:///"


class RecordStep:
    """Writes `record.json`: run_id, model_uri and tracking_uri of the recorded run."""

    name = "record"
    needs: tuple[str, ...] = ("data", "features", "train", "evaluate", "package")
    volatile: frozenset[str] = frozenset()

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return where it goes and what it is called."""
        assert context.registry is not None
        return {
            "tracking_uri": context.registry.tracking_uri,
            "model": context.model.name,
            "version": context.model.model.version,
            "commit": context.commit,
            "clean": context.clean,
        }

    def holds(self, context: Context, output: Path) -> bool:
        """Tell whether a local store that was recorded to is still the one that is there."""
        record: Row = read_json(output / "store.json")
        return record == _store(context)

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Record the run, and note where."""
        write_json(output / "record.json", asdict(self.record(context, upstream)))
        write_json(output / "store.json", _store(context))

    def record(self, context: Context, upstream: Mapping[str, Path]) -> RecordedRun:
        """Record the run, from what its steps wrote; the data and the model are not parsed."""
        assert context.registry is not None
        return context.registry.log_run(_facts(context, upstream))


def _store(context: Context) -> Row:
    """Return what tells a local SQLite store from another made in its place."""
    assert context.registry is not None
    uri = context.registry.tracking_uri
    if not uri.startswith(_SQLITE):
        return {"uri": uri}
    path = Path(uri.removeprefix(_SQLITE))
    return {"uri": uri, "inode": path.stat().st_ino if path.is_file() else None}


def _facts(context: Context, upstream: Mapping[str, Path]) -> RunFacts:
    from mergeline.registry.facts import RunFacts

    data, features = _json(upstream["data"], "data"), _json(upstream["features"], "features")
    training, evaluation = (
        _json(upstream["train"], "train"),
        _json(upstream["evaluate"], "evaluation"),
    )
    package = _json(upstream["package"], "package")
    return RunFacts(
        model=context.model.name,
        version=context.model.model.version,
        params=_params(context),
        metrics=_metrics(evaluation),
        tags=_tags(context, data, features, training, package, _json(upstream["train"], "machine"))
        | {CONFIDENCE: str(evaluation["confidence"]["level"])},
        datasets=_datasets(data, features),
        model_dir=upstream["package"] / "model",
        artifacts=(
            upstream["data"] / "data.json",
            upstream["features"] / "features.json",
            upstream["train"] / "train.json",
            upstream["evaluate"] / "evaluation.json",
            upstream["evaluate"] / "timings.json",
        ),
        run_tags=_fetch(upstream["data"]) | _isolation(upstream),
    )


def _fetch(data: Path) -> dict[str, str]:
    """Return who fetched the data, if somebody had to, on one line."""
    file = data / "fetch.json"
    return {FETCH: json.dumps(read_json(file), sort_keys=True)} if file.is_file() else {}


def _isolation(upstream: Mapping[str, Path]) -> dict[str, str]:
    """Return how the model's code was confined in each step, on one line."""
    found = {
        step: weakest(enforced for child in read_json(file) for enforced in child["enforced"])
        for step, folder in sorted(upstream.items())
        if (file := folder / CONFINED).is_file()
    }
    return {ISOLATION: json.dumps(found, sort_keys=True)}


def _params(context: Context) -> dict[str, str]:
    training = context.model.training
    return {"threads": str(training.threads)} | run_params(
        training.pipeline, training.estimator, training.random_seed, training.hyperparameters
    )


def _metrics(evaluation: Row) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in evaluation["metrics"]:
        part = row["slice"]
        name = metric_key(row["name"], part and part["column"], part and part["value"])
        found |= run_metrics(name, row["value"], row["lower"], row["upper"])
    return found


def _tags(
    context: Context, data: Row, features: Row, training: Row, package: Row, machine: Row
) -> dict[str, str]:
    model = context.model.model
    tags = {
        "mergeline.model": context.model.name,
        VERSION: model.version,
        "mergeline.owner": model.owner,
        "mergeline.risk": model.risk,
        COMMIT: context.commit or "none",
        CLEAN_TREE: str(context.clean).lower(),
        "mergeline.dataset_digest": data["digest"],
        TEST_SET: features["test_set"],
        "mergeline.model_digest": training["model_digest"],
        "mergeline.artifact_digest": package["artifact_digest"],
        LOCKFILE: context.model.training.environment.lockfile,
        "mergeline.lockfile_digest": context.lockfile_digest or "none",
        "mergeline.pythonhashseed": training["seeds"]["PYTHONHASHSEED"] or "none",
    }
    return tags | {f"mergeline.{name}": value for name, value in machine.items()}


def _datasets(data: Row, features: Row) -> tuple[DatasetFacts, ...]:
    from mergeline.registry.facts import DatasetFacts

    whole = DatasetFacts(
        name=data["name"],
        digest=data["digest"],
        uri=data["uri"],
        rows=data["rows"],
        columns=tuple(
            (one["name"], one["type"], not one["nullable"])
            for one in data["columns"]
            if one["pii_treatment"] != "dropped"
        ),
    )
    test = DatasetFacts(
        name=f"{data['name']}-test",
        digest=features["test_set"],
        uri=data["uri"],
        rows=features["test_rows"],
        columns=whole.columns,
    )
    return whole, test


def _json(folder: Path, name: str) -> Row:
    facts: Row = read_json(folder / f"{name}.json")
    return facts
