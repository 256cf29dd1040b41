"""training.yaml: how the model is trained, in what environment and at what price."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import (
    Count,
    Duration,
    ImportPath,
    Name,
    Natural,
    NonNegative,
    Parameter,
    Positive,
    RelativePath,
    Seed,
    Text,
)

ImageReference = Annotated[
    str,
    Meta(pattern=r"^[^\s@]+@sha256:[0-9a-f]{64}$(?!\n)", description="An image, pinned by digest."),
]


class TrainingEnvironment(Struct, frozen=True, kw_only=True):
    """The environment that training runs in."""

    python: Annotated[
        Text,
        Meta(description="The Python versions, as a PEP 440 specifier.", examples=["==3.11.*"]),
    ]
    lockfile: Annotated[
        RelativePath,
        Meta(description="The hashed requirements file, relative to the repository's root."),
    ]
    image: Annotated[
        ImageReference | None,
        Meta(description="The container image; null: the runner itself."),
    ] = None
    base_image: Annotated[
        ImageReference | None,
        Meta(description="What the workflow Image builds the image from; null: it builds none."),
    ] = None


class Resources(Struct, frozen=True, kw_only=True):
    """What a training run may use."""

    cpu: Annotated[Positive, Meta(description="Cores.")] = 1
    memory: Annotated[
        str,
        Meta(
            pattern=r"^[1-9][0-9]*(Mi|Gi|Ti)$(?!\n)",
            description="As a Kubernetes quantity.",
            examples=["4Gi"],
        ),
    ] = "2Gi"
    gpu: Annotated[Natural, Meta(description="Graphics processors.")] = 0
    runner: Annotated[Text, Meta(description="The label of the Actions runner.")] = "ubuntu-24.04"
    spot: Annotated[bool, Meta(description="May the machine be taken away?")] = False
    off_peak: Annotated[bool, Meta(description="May a release wait for the night?")] = False
    timeout: Annotated[Duration, Meta(description="When a run is given up.")] = "30m"


class Budget(Struct, frozen=True, kw_only=True):
    """What training may cost."""

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217.")] = "EUR"
    per_run: Annotated[NonNegative, Meta(description="The most that one run may cost.")]
    per_month: Annotated[NonNegative, Meta(description="The most that a month may cost.")]


class Training(Spec, frozen=True, kw_only=True):
    """How the model is trained."""

    kind: Literal["Training"]
    pipeline: Annotated[Name, Meta(description="A template in pipelines/.")]
    estimator: Annotated[ImportPath, Meta(description="The scikit-learn estimator's class.")]
    hyperparameters: Annotated[
        dict[str, Parameter], Meta(description="In the estimator's own names.")
    ] = {}
    random_seed: Annotated[
        Seed,
        Meta(description="Given to the estimator as random_state and to every generator."),
    ]
    environment: TrainingEnvironment
    resources: Resources = Resources()
    budget: Budget | None = None
    threads: Annotated[Count, Meta(description="Native threads, for repeatable sums.")] = 1
