"""The champion: the release that Git wants in production, with its package in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mergeline.errors import ToolError
from mergeline.pipeline.context import Champion

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.specs.repository import ModelFolder


class Packages(Protocol):
    """The part of a registry that gives packaged models out."""

    def download_model(self, model: str, version: str, digest: str) -> Path:
        """Bring the package of a release here."""


def champion_of(model: ModelFolder, packages: Packages) -> Champion | None:
    """Return the champion of a model; None: nothing is in production yet.

    Raises:
        ToolError: production names a release that has no record.
    """
    desired = model.environments.get("production")
    if desired is None:
        return None
    release = model.releases.get(desired.version)
    if release is None:
        raise ToolError(
            f"production of {model.name} names {desired.version}, which has no release record"
        )
    return Champion(
        name=model.name,
        version=release.version,
        digest=release.digest,
        artifact_digest=release.artifact.digest,
        fetch=lambda: packages.download_model(model.name, release.version, release.digest),
    )
