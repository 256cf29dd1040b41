"""monitoring.yaml: what is watched once the model answers in production."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.evaluation import MetricName
from mergeline.specs.types.scalars import Count, Duration, FeatureName, Positive, Team, Text


class PredictionLog(Struct, frozen=True, kw_only=True):
    """What is kept of each prediction."""

    enabled: bool = True
    sample_rate: Annotated[float, Meta(gt=0, le=1)] = 1.0
    features: Annotated[
        tuple[FeatureName, ...], Meta(description="Features that are kept with it.")
    ] = ()
    retention: Duration = "90d"


class Drift(Struct, frozen=True, kw_only=True):
    """A feature whose distribution is held against that of the training data."""

    feature: FeatureName
    method: Literal["psi", "ks", "jensen_shannon"]
    threshold: Positive


class Performance(Struct, frozen=True, kw_only=True):
    """A metric computed once the labels are there."""

    metric: MetricName
    threshold: float
    label_delay: Annotated[Duration, Meta(description="How long labels take to arrive.")]


class Alert(Struct, frozen=True, kw_only=True):
    """Who is told, and how urgently."""

    severity: Literal["info", "warning", "critical"]
    team: Team


class Trigger(Struct, frozen=True, kw_only=True):
    """What starts a retraining, and why that makes sense for this model."""

    on: Literal["schedule", "drift", "performance"]
    reason: Text
    schedule: Annotated[str | None, Meta(description="A cron expression, for a schedule.")] = None


class Retraining(Struct, frozen=True, kw_only=True):
    """When the model is trained again without a person asking."""

    triggers: tuple[Trigger, ...] = ()
    cooldown: Duration = "7d"


class Monitoring(Spec, frozen=True, kw_only=True):
    """What is watched in production."""

    kind: Literal["Monitoring"]
    prediction_log: PredictionLog = PredictionLog()
    drift: tuple[Drift, ...] = ()
    performance: tuple[Performance, ...] = ()
    evaluation_windows: Annotated[Count, Meta(description="Windows that are looked at.")] = 1
    violation_windows: Annotated[
        Count, Meta(description="Windows of those that must violate before an alert.")
    ] = 1
    alerts: tuple[Alert, ...] = ()
    retraining: Retraining = Retraining()
