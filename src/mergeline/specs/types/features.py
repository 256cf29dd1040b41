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


Transform = SklearnTransform | PythonTransform | PassthroughTransform


class Feature(Struct, frozen=True, kw_only=True):
    """A feature: named, versioned and owned."""

    name: FeatureName
    version: Annotated[Count, Meta(description="Raised whenever the transform changes.")]
    owner: Annotated[Team, Meta(description="The team that answers for the feature.")]
    inputs: Annotated[tuple[Text, ...], Meta(min_length=1, description="Columns of the dataset.")]
    transform: Annotated[Transform, Meta(description="How the inputs become the feature.")]
    dtype: Annotated[ColumnType, Meta(description="The type of its values.")] = "float64"
    description: Annotated[Text | None, Meta(description="What the feature tells.")] = None


class Features(Spec, frozen=True, kw_only=True):
    """The features that the model is trained on."""

    kind: Literal["Features"]
    features: Annotated[
        tuple[Feature, ...],
        Meta(min_length=1, description="In the order that the estimator sees them."),
    ]
