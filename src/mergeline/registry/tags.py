"""The registry entry as MLflow tags: the twin of a release record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.digest import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.types import Release

VERSION = "mergeline.version"
DIGEST = "mergeline.digest"


def release_tags(release: Release) -> dict[str, str]:
    """Return the tags that a version carries for a release."""
    training, environment = release.training, release.environment
    tags = {
        VERSION: release.version,
        DIGEST: release.digest,
        "mergeline.owner": release.owner,
        "mergeline.risk": release.risk,
        "mergeline.commit": training.commit,
        "mergeline.pull_request": str(training.pull_request),
        "mergeline.hyperparameters": canonical_json(dict(training.hyperparameters)).decode(),
        "mergeline.datasets": canonical_json(
            {dataset.name: dataset.digest for dataset in release.datasets}
        ).decode(),
        "mergeline.lockfile.digest": environment.lockfile_digest,
        "mergeline.python": environment.python,
        "mergeline.evaluation.digest": release.evaluation_digest,
        "mergeline.artifact.digest": release.artifact.digest,
    }
    later = {
        "mergeline.model.digest": release.model_digest,
        "mergeline.predictions.digest": release.predictions_digest,
    }
    if release.signature is not None:
        signature = msgspec.to_builtins(release.signature)
        tags["mergeline.signature"] = canonical_json(signature).decode()
    return tags | {name: digest for name, digest in later.items() if digest is not None}


def differing(release: Release, tags: Mapping[str, str]) -> list[str]:
    """Return the names of the tags that are missing or say something else than the record."""
    wanted = release_tags(release)
    return sorted(name for name, value in wanted.items() if tags.get(name) != value)
