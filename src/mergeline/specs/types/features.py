"""features.yaml: what the model sees of the data."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import (
    ColumnType,
    Count,
    FeatureName,
    FunctionPath,
    ImportPath,
    Name,
    Parameter,
    Team,
    Text,
)


class SklearnTransform(Struct, frozen=True, kw_only=True, tag_field="type", tag="sklearn"):
    """A scikit-learn transformer, fitted on the training rows as part of the pipeline."""

    class_: Annotated[
        ImportPath,
        Meta(
            description="The transformer's class.",
            examples=["sklearn.preprocessing.StandardScaler"],
        ),
    ] = msgspec.field(name="class")
    parameters: Annotated[
        dict[str, Parameter], Meta(description="In the transformer's own names.")
    ] = {}


class PythonTransform(Struct, frozen=True, kw_only=True, tag_field="type", tag="python"):
    """A function of the model folder: a DataFrame of the inputs in, one column out.

    It is called with `parameters` as keyword arguments, works row by row and holds no state,
    so that it gives the same for one row as for a million.
    """

    function: FunctionPath
    parameters: Annotated[
        dict[str, Parameter], Meta(description="The function's keyword arguments.")
    ] = {}


class PassthroughTransform(Struct, frozen=True, kw_only=True, tag_field="type", tag="passthrough"):
    """The inputs as they are."""


class LagTransform(Struct, frozen=True, kw_only=True, tag_field="type", tag="lag"):
    """Earlier values of the inputs in the same series, a column for each lag.

    Only of a forecast; no lag is shorter than its horizon.
    """

    lags: Annotated[
        tuple[Count, ...],
        Meta(min_length=1, description="How many time points back.", examples=[[7, 14]]),
    ]


class RollingTransform(Struct, frozen=True, kw_only=True, tag_field="type", tag="rolling"):
    """A statistic of earlier values of the inputs in the same series, over a moving window.

    Only of a forecast; the lag is not shorter than its horizon.
    """

    lag: Annotated[
        Count,
        Meta(description="How many time points back the window ends.", examples=[7]),
    ]
    window: Annotated[int, Meta(ge=2, description="How many time points it spans.", examples=[28])]
    statistic: Annotated[
        Literal["mean", "median", "min", "max", "std"],
        Meta(description="What is taken of the window, in pandas' names."),
    ] = "mean"


class CalendarTransform(Struct, frozen=True, kw_only=True, tag_field="type", tag="calendar"):
    """Parts of a moment as numbers, a column for each part."""

    parts: Annotated[
        tuple[
            Literal["hour", "day_of_week", "day", "day_of_year", "month", "quarter", "year"], ...
        ],
        Meta(
            min_length=1,
            description="Which parts; the week begins with Monday, 0.",
            examples=[["day_of_week", "month"]],
        ),
    ]


Transform = (
    SklearnTransform
    | PythonTransform
    | PassthroughTransform
    | LagTransform
    | RollingTransform
    | CalendarTransform
)
# Whose inputs are seen in the past only.
OF_THE_PAST = (LagTransform, RollingTransform)
# Which compute their own columns before anything is fitted.
OF_TIME = (LagTransform, RollingTransform, CalendarTransform)


class Feature(Struct, frozen=True, kw_only=True):
    """A feature: named, versioned and owned."""

    name: FeatureName
    version: Annotated[Count, Meta(description="Raised whenever the transform changes.")]
    owner: Annotated[Team, Meta(description="The team that answers for the feature.")]
    inputs: Annotated[tuple[Text, ...], Meta(min_length=1, description="Columns of the dataset.")]
    transform: Annotated[Transform, Meta(description="How the inputs become the feature.")]
    dtype: Annotated[ColumnType, Meta(description="The type of its values.")] = "float64"
    description: Annotated[Text | None, Meta(description="What the feature tells.")] = None


class FeatureReference(Struct, frozen=True, kw_only=True):
    """A feature that another model defines, with its owner, inputs and transform."""

    name: FeatureName
    version: Annotated[Count, Meta(description="The version that the other model defines.")]
    from_: Annotated[
        Name, Meta(description="The model that defines it.", examples=["payment-fraud"])
    ] = msgspec.field(name="from")


class Features(Spec, frozen=True, kw_only=True):
    """The features that the model is trained on."""

    kind: Literal["Features"]
    features: Annotated[
        tuple[Feature, ...],
        Meta(description="Its own, in the order that the estimator sees them."),
    ] = ()
    shared: Annotated[
        tuple[FeatureReference, ...],
        Meta(description="Those that other models define; the estimator sees them last."),
    ] = ()
