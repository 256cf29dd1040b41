"""What a run leaves in the registry, and what the registry answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.registry.places import Fact

# What a model's versions are pointed to by: the last one released, and the environments.
CANDIDATE = "candidate"
ALIASES = (CANDIDATE, "staging", "production")


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset that a run read.

    Attributes:
        name: as in data.yaml.
        digest: the full canonical SHA-256.
        uri: where it came from.
        rows: how many it has; None: not known any more.
        columns: of each its name, its declared type, and whether it has no nulls; for the schema
            that MLflow shows.
    """

    name: str
    digest: str
    uri: str
    rows: int | None
    columns: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A finished run: everything that goes into MLflow.

    Attributes:
        model: the model's name; also the experiment's.
        version: the SemVer that the specs name.
        params: hyperparameters and settings.
        metrics: name to value, finite.
        tags: commit, digests, environment.
        datasets: what it was trained on.
        model_dir: the packaged model, `model.skops` in it.
        artifacts: further files to keep.
        run_tags: further tags, of the run alone.
    """

    model: str
    version: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    datasets: tuple[DatasetFacts, ...]
    model_dir: Path
    artifacts: tuple[Path, ...] = ()
    run_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """Where a run went.

    Attributes:
        run_id: the MLflow run.
        model_uri: the logged model, `models:/m-…`.
        tracking_uri: the MLflow server or store, without credentials.
    """

    run_id: str
    model_uri: str
    tracking_uri: str


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version of a registered model.

    Attributes:
        number: MLflow's own integer.
        version: the SemVer, from its tag; None if somebody removed it.
        digest: the release digest, from its tag; None if somebody removed it.
        tags: all of its tags.
        aliases: the aliases that point to it.
        run_id: the run that made it.
        model_uri: the logged model.
    """

    number: int
    version: str | None
    digest: str | None
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    run_id: str | None = None
    model_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered version with all that MLflow holds of it.

    Attributes:
        version: the version, with its tags and aliases.
        facts: what is where, as text: of the version, its logged model, its run.
    """

    version: RegisteredVersion
    facts: Mapping[Fact, str]
