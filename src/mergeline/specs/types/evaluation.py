"""evaluation.yaml: what the model must reach before it may go on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import Count, Fraction, Positive, Seed, Text

MetricName = Literal[
    "accuracy_score",
    "balanced_accuracy",
    "precision_score",
    "recall_score",
    "f1_score",
    "precision_macro",
    "recall_macro",
    "f1_macro",
    "roc_auc",
    "roc_auc_ovr",
    "average_precision",
    "log_loss",
    "brier_score",
    "mean_absolute_error",
    "root_mean_squared_error",
    "mean_squared_error",
    "r2_score",
    "mean_absolute_percentage_error",
    "symmetric_mean_absolute_percentage_error",
    "mean_absolute_scaled_error",
]


class Slice(Struct, frozen=True, kw_only=True):
    """The rows of the test set in which a column has a value."""

    column: Annotated[
        Text,
        Meta(description="A column of the dataset, the target included.", examples=["country"]),
    ]
    value: Annotated[
        str | int | float | bool,
        Meta(description="The value that the rows have there.", examples=["DE", 1]),
    ]


class Metric(Struct, frozen=True, kw_only=True):
    """A metric and the gate that it must pass, in the terms of MLflow's MetricThreshold."""

    name: Annotated[MetricName, Meta(description="The metric, in scikit-learn's or MLflow's name.")]
    threshold: Annotated[
        float | None,
        Meta(description="The value to reach (or not to exceed); null: reported only."),
    ] = None
    greater_is_better: Annotated[
        bool, Meta(description="Is a greater value better? Decides the sense of the threshold.")
    ]
    min_absolute_change: Annotated[
        float | None,
        Meta(
            description=(
                "The change against the baseline, counted towards better, that the lower bound "
                "of its confidence interval must reach. Negative: a margin of non-inferiority. "
                "null: not compared."
            )
        ),
    ] = None
    slice: Slice | None = None


class Fairness(Struct, frozen=True, kw_only=True):
    """The largest difference between groups that is accepted, in Fairlearn's names."""

    metric: Annotated[
        Literal[
            "demographic_parity_difference",
            "equalized_odds_difference",
            "true_positive_rate_difference",
        ],
        Meta(description="The measure, in Fairlearn's name."),
    ]
    sensitive_feature: Annotated[
        Text, Meta(description="The column that forms the groups.", examples=["age"])
    ]
    bins: Annotated[
        tuple[float, ...],
        Meta(description="Upper edges that cut a numeric column into groups, one more than edges."),
    ] = ()
    threshold: Annotated[
        float,
        Meta(ge=0, le=1, description="The largest difference that is accepted.", examples=[0.1]),
    ]


class Latency(Struct, frozen=True, kw_only=True):
    """How long one prediction of one row may take: the quickest of three calls, of 50 rows."""

    percentile: Annotated[float, Meta(gt=0, le=100, description="Which percentile.")] = 95
    threshold_milliseconds: Annotated[Positive, Meta(description="Its limit.", examples=[50])]


class Confidence(Struct, frozen=True, kw_only=True):
    """How the confidence intervals are drawn."""

    method: Annotated[
        Literal["paired_bootstrap", "paired_moving_block_bootstrap"],
        Meta(
            description=(
                "Both versions are measured on the same resampled rows; by moving blocks of "
                "successive time points, where errors depend on those before them."
            )
        ),
    ] = "paired_bootstrap"
    block_length: Annotated[
        Count | None,
        Meta(description="Time points in a block; for the moving block bootstrap only."),
    ] = None
    level: Annotated[Fraction, Meta(description="The level of the two-sided interval.")] = 0.95
    resamples: Annotated[Count, Meta(description="How often rows are drawn.")] = 1000
    random_seed: Annotated[Seed, Meta(description="The seed of the drawing.")]


class Evaluation(Spec, frozen=True, kw_only=True):
    """The gates of a candidate."""

    kind: Literal["Evaluation"]
    baseline: Annotated[
        Literal["champion"] | None,
        Meta(description="champion: the version in production; null: no comparison."),
    ] = "champion"
    metrics: Annotated[
        tuple[Metric, ...], Meta(min_length=1, description="The metrics and their gates.")
    ]
    fairness: Annotated[tuple[Fairness, ...], Meta(description="How far groups may differ.")] = ()
    latency: Latency | None = None
    confidence: Confidence
