"""releases/X.Y.Z.yaml: the registry entry of a version; written once, never edited."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.evaluation import MetricName, Slice
from mergeline.specs.types.scalars import (
    Commit,
    Digest,
    Duration,
    ImportPath,
    Name,
    Natural,
    NonNegative,
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
    clean_tree: Annotated[
        Literal[True], Meta(description="Nothing was uncommitted when it was trained.")
    ]
    pull_request: Annotated[
        int, Meta(ge=1, description="The pull request that was merged.", examples=[17])
    ]
    pipeline: Name
    estimator: ImportPath
    hyperparameters: Annotated[
        dict[str, Parameter], Meta(description="In the estimator's own names.")
    ]
    random_seed: Seed
    run_id: Annotated[
        Text,
        Meta(description="The MLflow run.", examples=["5b1f0c3e8d6a4f0a9d7c2b1e0f3a4c5d"]),
    ]
    seconds: Annotated[
        NonNegative | None,
        Meta(
            description="What the steps of the run took, each when it really ran; null: unknown.",
            examples=[41.5],
        ),
    ] = None


class ReleasedDataset(Struct, frozen=True, kw_only=True):
    """A dataset that the version learned from."""

    name: Name
    uri: Annotated[
        Text,
        Meta(description="Where the data came from.", examples=["sklearn:load_breast_cancer"]),
    ]
    digest: Digest
    rows: Annotated[Natural, Meta(description="How many rows it had.")]
    content: Annotated[
        Digest | None,
        Meta(description="Of the bytes it was read from; null: there were none, or unknown."),
    ] = None
    retention: Annotated[
        Duration | None, Meta(description="How long the data may be kept, as data.yaml had it.")
    ] = None
    pii: Annotated[
        tuple[Text, ...],
        Meta(description="The columns with personal data.", examples=[["email"]]),
    ] = ()


class Interval(Struct, frozen=True, kw_only=True):
    """A confidence interval."""

    level: Annotated[
        float, Meta(description="Its two-sided level, between 0 and 1.", examples=[0.95])
    ]
    lower: Annotated[float, Meta(description="Its lower bound.", examples=[0.97])]
    upper: Annotated[float, Meta(description="Its upper bound.", examples=[0.99])]


class ReleasedMetric(Struct, frozen=True, kw_only=True):
    """A metric of the version on its frozen test set."""

    name: Annotated[MetricName, Meta(description="The metric, in scikit-learn's or MLflow's name.")]
    value: Annotated[float, Meta(description="What was measured.", examples=[0.98])]
    dataset: Annotated[Digest, Meta(description="The digest of the test set.")]
    confidence_interval: Interval
    slice: Slice | None = None


class ReleasedEnvironment(Struct, frozen=True, kw_only=True):
    """The environment that the version was trained in."""

    python: Annotated[Text, Meta(description="The version of Python.", examples=["3.13.1"])]
    os: Annotated[Text, Meta(description="The operating system.", examples=["Linux-6.8.0-x86_64"])]
    cpu: Annotated[Text, Meta(description="The processor.", examples=["x86_64"])]
    gpu: Annotated[
        str | None,
        Meta(description="The graphics processor; null: none.", examples=["NVIDIA L4"]),
    ]
    driver: Annotated[
        str | None,
        Meta(description="The graphics processor's driver; null: unknown.", examples=["550.54.14"]),
    ] = None
    threads: Annotated[
        str | None,
        Meta(
            description="The variables that limit native threads; null: unknown.",
            examples=["OMP_NUM_THREADS=2"],
        ),
    ] = None
    lockfile: RelativePath
    lockfile_digest: Digest
    dependencies: Annotated[dict[str, str], Meta(description="Package to version.")]


class Artifact(Struct, frozen=True, kw_only=True):
    """The model itself."""

    uri: Annotated[
        Text, Meta(description="Where the registry keeps it.", examples=["models:/churn/3"])
    ]
    digest: Digest


class ReleasedSignature(Struct, frozen=True, kw_only=True):
    """Who signed the version, and where that can be seen: in the two bundles beside the record."""

    method: Annotated[
        Literal["key", "keyless"],
        Meta(description="With a key, or with an identity that Sigstore has witnessed."),
    ]
    signer: Annotated[
        Text,
        Meta(
            description="Who signed, by the name in organization.signing.signers.",
            examples=["release-key"],
        ),
    ]
    bundle: Annotated[
        Digest, Meta(description="Of X.Y.Z.sigstore.json, which signs the packaged model.")
    ]
    provenance: Annotated[
        Digest,
        Meta(description="Of X.Y.Z.provenance.sigstore.json, which signs where it comes from."),
    ]


class ReleasedLinks(Struct, frozen=True, kw_only=True):
    """Where the evidence can be read."""

    pull_request: Annotated[
        Text,
        Meta(
            description="The pull request that was merged.",
            examples=["https://github.com/acme/models/pull/17"],
        ),
    ]
    run: Annotated[
        Text,
        Meta(
            description="The run in MLflow.",
            examples=["https://mlflow.example.com/#/experiments/1/runs/5b1f0c3e"],
        ),
    ]
    documentation: Annotated[str | None, Meta(description="As model.yaml had it.")] = None
    runbook: Annotated[str | None, Meta(description="As model.yaml had it.")] = None
    dashboard: Annotated[str | None, Meta(description="As model.yaml had it.")] = None


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
    risk: Annotated[Risk, Meta(description="As model.yaml had it.")]
    specs: Annotated[
        dict[str, Digest], Meta(min_length=1, description="Each file of the model folder.")
    ]
    evaluation_digest: Annotated[Digest, Meta(description="Of the evidence: evaluation.json.")]
    model_digest: Annotated[
        Digest | None,
        Meta(description="Of the trained model in its one byte form; null: an older record."),
    ] = None
    predictions_digest: Annotated[
        Digest | None,
        Meta(description="Of what it says of the test rows; null: an older record."),
    ] = None
    training: ReleasedTraining
    datasets: Annotated[
        tuple[ReleasedDataset, ...], Meta(min_length=1, description="What it learned from.")
    ]
    metrics: Annotated[
        tuple[ReleasedMetric, ...], Meta(min_length=1, description="What it was measured at.")
    ]
    environment: ReleasedEnvironment
    artifact: Artifact
    links: ReleasedLinks
    signature: Annotated[
        ReleasedSignature | None,
        Meta(description="Who signed the version; null: nobody did, or an older record."),
    ] = None
