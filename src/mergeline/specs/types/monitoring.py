"""monitoring.yaml: what is watched once the model answers in production."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.evaluation import MetricName
from mergeline.specs.types.scalars import Count, Cron, Duration, FeatureName, Positive, Team, Text


class PredictionLog(Struct, frozen=True, kw_only=True):
    """What is kept of each prediction."""

    enabled: Annotated[bool, Meta(description="Are predictions logged?")] = True
    sample_rate: Annotated[
        float, Meta(gt=0, le=1, description="The share of the predictions that is logged.")
    ] = 1.0
    features: Annotated[
        tuple[FeatureName, ...], Meta(description="Features that are kept with it.")
    ] = ()
    retention: Annotated[Duration, Meta(description="How long the log is kept.")] = "90d"


class Drift(Struct, frozen=True, kw_only=True):
    """A feature whose distribution is held against that of the training data.

    A feature made of several columns drifts as soon as one of its inputs does.
    """

    feature: Annotated[FeatureName, Meta(description="A feature of features.yaml.")]
    method: Annotated[
        Literal["psi", "ks", "jensen_shannon"],
        Meta(
            description=(
                "Population stability index, Kolmogorov-Smirnov statistic or Jensen-Shannon "
                "distance."
            )
        ),
    ]
    threshold: Annotated[Positive, Meta(description="The value above which it drifts.")]


class Performance(Struct, frozen=True, kw_only=True):
    """A metric computed once the labels are there."""

    metric: Annotated[MetricName, Meta(description="A metric of the pipeline template.")]
    threshold: Annotated[float, Meta(description="The value that must be kept.", examples=[0.9])]
    label_delay: Annotated[Duration, Meta(description="How long labels take to arrive.")]


class Alert(Struct, frozen=True, kw_only=True):
    """Who is told, and how urgently."""

    severity: Annotated[
        Literal["info", "warning", "critical"], Meta(description="How urgent it is.")
    ]
    team: Annotated[Team, Meta(description="Who is told.")]


class Trigger(Struct, frozen=True, kw_only=True):
    """What starts a retraining, and why that makes sense for this model."""

    on: Annotated[Literal["schedule", "drift", "performance"], Meta(description="What starts it.")]
    reason: Annotated[
        Text,
        Meta(
            description="Why that makes sense for this model.",
            examples=["Fraud adapts within weeks, and labels come within a month."],
        ),
    ]
    schedule: Cron | None = None


class Retraining(Struct, frozen=True, kw_only=True):
    """When the model is trained again without a person asking."""

    triggers: Annotated[
        tuple[Trigger, ...], Meta(description="Any of them starts it; none: people do.")
    ] = ()
    cooldown: Annotated[
        Duration, Meta(description="The shortest time between two retrainings.")
    ] = "7d"


class Monitoring(Spec, frozen=True, kw_only=True):
    """What is watched in production."""

    kind: Literal["Monitoring"]
    prediction_log: PredictionLog = PredictionLog()
    drift: Annotated[tuple[Drift, ...], Meta(description="Features that are watched.")] = ()
    performance: Annotated[
        tuple[Performance, ...], Meta(description="Metrics that are watched once labels are there.")
    ] = ()
    evaluation_windows: Annotated[Count, Meta(description="Windows that are looked at.")] = 1
    violation_windows: Annotated[
        Count, Meta(description="Windows of those that must violate before an alert.")
    ] = 1
    alerts: Annotated[tuple[Alert, ...], Meta(description="Who is told of a violation.")] = ()
    retraining: Retraining = Retraining()
