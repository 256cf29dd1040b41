"""releases/X.Y.Z.yaml: the registry entry of a version; written once, never edited."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.evaluation import MetricName, Slice
from mergeline.specs.types.scalars import (
    Commit,
    Digest,
    ImportPath,
    Name,
    Natural,
    Parameter,
    RelativePath,
    Risk,
    Seed,
    SemVer,
    Team,
    Text,
)


class ReleasedTraining(Struct, frozen=True, kw_only=True):
    """How the version was trained."""

    commit: Commit
    clean_tree: Literal[True]
    pull_request: Annotated[int, Meta(ge=1, description="The pull request that was merged.")]
    pipeline: Name
    estimator: ImportPath
    hyperparameters: dict[str, Parameter]
    random_seed: Seed
    run_id: Annotated[Text, Meta(description="The MLflow run.")]


class ReleasedDataset(Struct, frozen=True, kw_only=True):
    """A dataset that the version learned from."""

    name: Name
    uri: Text
    digest: Digest
    rows: Natural


class Interval(Struct, frozen=True, kw_only=True):
    """A confidence interval."""

    level: float
    lower: float
    upper: float


class ReleasedMetric(Struct, frozen=True, kw_only=True):
    """A metric of the version on its frozen test set."""

    name: MetricName
    value: float
    dataset: Annotated[Digest, Meta(description="The digest of the test set.")]
    confidence_interval: Interval
    slice: Slice | None = None


class ReleasedEnvironment(Struct, frozen=True, kw_only=True):
    """The environment that the version was trained in."""

    python: Text
    os: Text
    cpu: Text
    gpu: str | None
    lockfile: RelativePath
    lockfile_digest: Digest
    dependencies: Annotated[dict[str, str], Meta(description="Package to version.")]


class Artifact(Struct, frozen=True, kw_only=True):
    """The model itself."""

    uri: Text
    digest: Digest


class ReleasedLinks(Struct, frozen=True, kw_only=True):
    """Where the evidence can be read."""

    pull_request: Text
    run: Text
    documentation: str | None = None
    runbook: str | None = None
    dashboard: str | None = None


class Release(Spec, frozen=True, kw_only=True):
    """The registry entry of a released version."""

    kind: Literal["Release"]
    name: Name
    version: SemVer
    digest: Annotated[
        Digest,
        Meta(description="Covers model, data, specs, lockfile and evaluation evidence."),
    ]
    owner: Team
    risk: Risk
    specs: Annotated[
        dict[str, Digest], Meta(min_length=1, description="Each file of the model folder.")
    ]
    evaluation_digest: Digest
    training: ReleasedTraining
    datasets: Annotated[tuple[ReleasedDataset, ...], Meta(min_length=1)]
    metrics: Annotated[tuple[ReleasedMetric, ...], Meta(min_length=1)]
    environment: ReleasedEnvironment
    artifact: Artifact
    links: ReleasedLinks
