"""The files that promotions write: environments/ENV.yaml and releases/X.Y.Z.yaml."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from mergeline.specs.repository import MODELS
from mergeline.specs.writing import schema_path, spec_text

if TYPE_CHECKING:
    from datetime import datetime

    from mergeline.specs.tree import Tree
    from mergeline.specs.types import Environment, Release

_DEPTH = 3


def environment_path(model: str, environment: str) -> str:
    """Return the path of an environment's file from the repository's root."""
    return f"{MODELS}/{model}/environments/{environment}.yaml"


def release_path(model: str, version: str) -> str:
    """Return the path of a release record from the repository's root."""
    return f"{MODELS}/{model}/releases/{version}.yaml"


def environment_file(environment: Environment, tree: Tree) -> bytes:
    """Return the content of an environment's file, for the repository that a tree is of."""
    path = schema_path("Environment", _DEPTH, tree)
    return spec_text(environment, schema_path=path).encode()


def release_file(release: Release, tree: Tree) -> bytes:
    """Return the content of a release record's file, for the repository that a tree is of."""
    path = schema_path("Release", _DEPTH, tree)
    return spec_text(release, schema_path=path).encode()


def timestamp(moment: datetime) -> str:
    """Return a moment as specs write it: RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
