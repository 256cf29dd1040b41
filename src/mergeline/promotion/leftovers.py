"""Where the bytes of a release may still be when the registry has lost it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from mergeline.digest import digest_file
from mergeline.errors import ToolError
from mergeline.pipeline.packaging import MANIFEST
from mergeline.pipeline.retention import expire
from mergeline.promotion.artifacts import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mergeline.promotion.services import Services
    from mergeline.specs.types import Release


def left_package(services: Services, release: Release, scratch: Path) -> tuple[Path, str] | None:
    """Return a packaged model that has the recorded digest, and where it was; None: none has.

    Args:
        services: what to ask.
        release: the record.
        scratch: a folder to bring it to, if it is not on this machine.
    """
    for folder, where in _places(services, release, scratch):
        if _digest(services, folder) == release.artifact.digest:
            return _sealed(folder, scratch / "sealed"), where
    return None


def _sealed(folder: Path, home: Path) -> Path:
    """Copy what the digest of a package covers, and nothing that lies beside it."""
    home.mkdir()
    names = json.loads((folder / MANIFEST).read_bytes())["files"]
    for name in (MANIFEST, *names):
        shutil.copyfile(folder / name, home / name)
    return home


def _places(services: Services, release: Release, scratch: Path) -> Iterator[tuple[Path, str]]:
    yield services.state / "models" / release.digest.removeprefix("sha256:"), ".mergeline/models"
    logged = release.artifact.uri.rpartition("/")[2]
    kept = services.registry.leftover(
        release.name, f"models/{logged}/artifacts", scratch / "package"
    )
    if kept is not None:
        yield kept, "the artifacts that the registry left"
    expire(services.state, services.clock())
    for cache in ("cache", "private/cache"):
        for folder in sorted((services.state / cache / "package").glob("*/model")):
            yield folder, f".mergeline/{cache}"


def _digest(services: Services, folder: Path) -> str | None:
    try:
        return services.digest_of(folder) if folder.is_dir() else None
    except ToolError:
        return None


def left_evidence(services: Services, release: Release, scratch: Path) -> tuple[Path, ...]:
    """Return the evidence of the recorded run, if a file with the recorded digest is left."""
    kept = services.registry.leftover(
        release.name, f"{release.training.run_id}/artifacts", scratch / "evidence"
    )
    return evidence_in(release, [] if kept is None else [kept])


def evidence_in(release: Release, folders: list[Path]) -> tuple[Path, ...]:
    """Return the evidence in one of the folders, if it has the recorded digest."""
    found = (folder / EVIDENCE for folder in folders)
    return tuple(
        path for path in found if path.is_file() and digest_file(path) == release.evaluation_digest
    )[:1]
