"""From a run's result to a release record, and to the text of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_bytes, digest_json
from mergeline.errors import ToolError
from mergeline.pipeline.dependencies import installed
from mergeline.registry.names import run_link
from mergeline.specs.types import Release

if TYPE_CHECKING:
    from mergeline.forge.types import PullRequest
    from mergeline.pipeline.result import RunResult
    from mergeline.specs.repository import ModelFolder

_STATE_FOLDERS = ("environments/", "releases/")
NOT_YET = f"sha256:{'0' * 64}"
_WHERE_IT_RAN = {
    "training": {"run_id", "seconds"},
    "artifact": {"uri"},
    "environment": {"os", "cpu", "gpu", "driver", "threads"},
}
# Records that were written before these were known have the digests that they had.
_LATER = ("model_digest", "predictions_digest")
_LATER_OF_DATA = ("retention", "pii")


def spec_digests(model: ModelFolder) -> dict[str, str]:
    """Return the digest of each file that a person writes: specs, code, data."""
    return {
        path: digest_bytes(content)
        for path, content in sorted(model.files.items())
        if not path.startswith(_STATE_FOLDERS)
    }


def release_digest(record: dict[str, Any]) -> str:
    """Return the digest of a release: model, data, specs, lockfile, evaluation evidence.

    It covers the record but for itself and for what only says where a run happened and how long
    it took (its identifier, addresses, the machine): an equal training elsewhere is the same
    release. Of a signature it covers who signed, so that none can be taken out of a record; not
    the bundles, which are other bytes each time.

    Args:
        record: the release record as plain values.
    """
    covered = {key: value for key, value in record.items() if key not in ("digest", "links")}
    covered = {
        key: value for key, value in covered.items() if key not in _LATER or value is not None
    }
    signature = covered.pop("signature", None)
    if signature is not None:
        covered["signature"] = {key: signature[key] for key in ("method", "signer")}
    covered["datasets"] = [_identity(dataset) for dataset in covered["datasets"]]
    for section, left_out in _WHERE_IT_RAN.items():
        kept = {key: value for key, value in covered[section].items() if key not in left_out}
        covered[section] = kept
    return digest_json(covered)


def _identity(dataset: dict[str, Any]) -> dict[str, Any]:
    """Leave out the bytes: the same data in another file are the same data."""
    return {
        key: value
        for key, value in dataset.items()
        if key != "content" and (key not in _LATER_OF_DATA or value)
    }


def is_intact(release: Release) -> bool:
    """Tell whether a record's digest is that of its content: whether nobody edited it."""
    return release_digest(msgspec.to_builtins(release)) == release.digest


def make_release(
    model: ModelFolder, result: RunResult, pull_request: PullRequest, lockfile: str
) -> Release:
    """Make the release record of a run at a merge commit.

    Args:
        model: the model at that commit.
        result: the run.
        pull_request: through which the commit came.
        lockfile: the text of the lockfile at that commit.

    Raises:
        ToolError: the run lacks a fact that a record must have.
    """
    try:
        record = _record(model, result, pull_request, lockfile)
        release = msgspec.convert(record, Release)
    except (KeyError, msgspec.ValidationError, AttributeError) as error:
        raise ToolError(
            f"the run of {model.name} {result.version} lacks a fact of the release record: {error}",
            hint="run it again; if it persists, this is a bug",
        ) from error
    digest = release_digest(msgspec.to_builtins(release))
    return msgspec.structs.replace(release, digest=digest)


def _record(
    model: ModelFolder, result: RunResult, pull_request: PullRequest, lockfile: str
) -> dict[str, Any]:
    recorded, training, links = result.mlflow, model.training, model.model.links
    if recorded is None:
        raise KeyError("mlflow")
    return {
        "apiVersion": "mergeline.dev/v1",
        "kind": "Release",
        "name": model.name,
        "version": result.version,
        "digest": NOT_YET,
        "owner": model.model.owner,
        "risk": model.model.risk,
        "specs": spec_digests(model),
        "evaluation_digest": result.digests["evaluation"],
        "model_digest": result.digests["model"],
        "predictions_digest": result.digests["predictions"],
        "training": {
            "commit": result.commit,
            "clean_tree": result.clean,
            "pull_request": pull_request.number,
            "pipeline": training.pipeline,
            "estimator": training.estimator,
            "hyperparameters": training.hyperparameters,
            "random_seed": training.random_seed,
            "run_id": recorded.run_id,
            "seconds": round(sum(step.seconds for step in result.steps), 3),
        },
        "datasets": [_dataset(model, result.data)],
        "metrics": [_metric(result, row) for row in result.metrics],
        "environment": {
            **result.environment,
            "lockfile": training.environment.lockfile,
            "lockfile_digest": result.digests["lockfile"],
            "dependencies": installed(lockfile),
        },
        "artifact": {"uri": recorded.model_uri, "digest": result.digests["artifact"]},
        "links": {
            "pull_request": pull_request.url,
            "run": run_link(recorded.run_id),
            "documentation": links.documentation,
            "runbook": links.runbook,
            "dashboard": links.dashboard,
        },
    }


def _dataset(model: ModelFolder, data: dict[str, Any]) -> dict[str, Any]:
    declared = model.data.datasets[0]
    return {key: data[key] for key in ("name", "uri", "digest", "rows")} | {
        "content": data.get("content"),
        "retention": declared.retention,
        "pii": [column.name for column in declared.columns if column.pii],
    }


def _metric(result: RunResult, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "value": row["value"],
        "dataset": result.digests["test_set"],
        "confidence_interval": {
            "level": result.evaluation["confidence"]["level"],
            "lower": row["lower"],
            "upper": row["upper"],
        },
        "slice": row["slice"],
    }
