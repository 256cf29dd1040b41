"""deployment.yaml: how a version reaches the people and programs that use it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import Count, Duration, Percent, Positive


class ServingResources(Struct, frozen=True, kw_only=True):
    """What one replica may use."""

    cpu: Positive = 0.5
    memory: Annotated[str, Meta(pattern=r"^[1-9][0-9]*(Mi|Gi)$")] = "512Mi"


class Autoscaling(Struct, frozen=True, kw_only=True):
    """How the number of replicas follows the load."""

    min_replicas: Count = 1
    max_replicas: Count = 1
    target_cpu_utilization: Annotated[int, Meta(ge=1, le=100)] = 70


class RolloutStep(Struct, frozen=True, kw_only=True):
    """A share of the traffic, and how long to stay there."""

    weight: Percent
    pause: Duration = "0s"


class AnalysisMetric(Struct, frozen=True, kw_only=True):
    """A metric of the running service and its limit."""

    metric: Literal["error_rate", "latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]
    threshold: float
    interval: Duration = "1m"


class Rollout(Struct, frozen=True, kw_only=True):
    """How a version is rolled out in one environment."""

    strategy: Literal["direct", "canary", "blue_green", "shadow", "ab_test"]
    steps: tuple[RolloutStep, ...] = ()
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
    mode: Literal["realtime", "batch"]
    resources: ServingResources = ServingResources()
    autoscaling: Autoscaling = Autoscaling()
    environments: Environments
