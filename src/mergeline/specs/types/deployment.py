"""deployment.yaml: how a version reaches the people and programs that use it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import Count, Duration, NonNegative, Percent, Positive


class ServingResources(Struct, frozen=True, kw_only=True):
    """What one replica may use."""

    cpu: Annotated[Positive, Meta(description="Cores.")] = 0.5
    memory: Annotated[
        str, Meta(pattern=r"^[1-9][0-9]*(Mi|Gi)$(?!\n)", description="As a Kubernetes quantity.")
    ] = "512Mi"


class Autoscaling(Struct, frozen=True, kw_only=True):
    """How the number of replicas follows the load."""

    min_replicas: Annotated[Count, Meta(description="Replicas at the least.")] = 1
    max_replicas: Annotated[Count, Meta(description="Replicas at the most.")] = 1
    target_cpu_utilization: Annotated[
        int, Meta(ge=1, le=100, description="The load that is aimed at, in percent.")
    ] = 70


class RolloutStep(Struct, frozen=True, kw_only=True):
    """A share of the traffic, and how long to stay there."""

    weight: Annotated[Percent, Meta(description="Percent of the traffic; grows step by step.")]
    pause: Annotated[Duration, Meta(description="How long to stay there.")] = "0s"


class AnalysisMetric(Struct, frozen=True, kw_only=True):
    """A metric of the running service and its limit."""

    metric: Annotated[
        Literal["error_rate", "latency_p50_ms", "latency_p95_ms", "latency_p99_ms"],
        Meta(description="A share of the requests (0 to 1), or milliseconds."),
    ]
    threshold: Annotated[NonNegative, Meta(description="The value not to exceed.", examples=[0.01])]
    interval: Annotated[Duration, Meta(description="The time that one value covers.")] = "1m"


class Rollout(Struct, frozen=True, kw_only=True):
    """How a version is rolled out in one environment."""

    strategy: Annotated[
        Literal["direct", "canary", "blue_green", "shadow", "ab_test"],
        Meta(description="How the traffic moves; direct: all at once."),
    ]
    steps: Annotated[
        tuple[RolloutStep, ...], Meta(description="The shares of the traffic, one after another.")
    ] = ()
    analysis: Annotated[
        tuple[AnalysisMetric, ...], Meta(description="What must hold to go on.")
    ] = ()
    rollback_on: Annotated[
        tuple[AnalysisMetric, ...], Meta(description="What sends the traffic back.")
    ] = ()
    soak: Annotated[
        Duration,
        Meta(description="How long the version must have been in the environment before."),
    ] = "0s"


class Environments(Struct, frozen=True, kw_only=True):
    """The rollout of each environment."""

    staging: Rollout
    production: Rollout


class Deployment(Spec, frozen=True, kw_only=True):
    """How the model is served."""

    kind: Literal["Deployment"]
    mode: Annotated[
        Literal["realtime", "batch"],
        Meta(description="realtime: answers requests; batch: scores tables."),
    ]
    resources: ServingResources = ServingResources()
    autoscaling: Autoscaling = Autoscaling()
    environments: Environments
