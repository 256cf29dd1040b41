"""From rows of the dataset to what the model takes: the same for training and serving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mergeline.pipeline.lags import columns_of, output_columns
from mergeline.specs.types.features import OF_TIME, PythonTransform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.pipeline.lags import TimeOrder
    from mergeline.specs.types.features import Feature

DTYPES: Mapping[str, Any] = {
    "float64": np.float64,
    "int64": np.int64,
    "bool": bool,
    "string": object,
    "datetime64": "datetime64[ns]",
}


class FeatureError(ValueError):
    """A feature's function gave something that cannot be its column."""

    def __init__(self, feature: str, message: str) -> None:
        super().__init__(feature, message)
        self.feature = feature
        self.message = message

    def __str__(self) -> str:
        return f'feature "{self.feature}": {self.message}'


def input_columns(features: Sequence[Feature]) -> list[str]:
    """Return the columns of the dataset that the features read, each once, in order."""
    return list(dict.fromkeys(name for feature in features for name in feature.inputs))


def column_names(features: Sequence[Feature]) -> list[str]:
    """Return the names of the columns that the model takes, each once, in order."""
    names: list[str] = []
    for feature in features:
        if isinstance(feature.transform, PythonTransform):
            names.append(feature.name)
        elif isinstance(feature.transform, OF_TIME):
            names += output_columns(feature)
        else:
            names += feature.inputs
    return list(dict.fromkeys(names))


def given_columns(
    frame: pd.DataFrame, features: Sequence[Feature], order: TimeOrder | None = None
) -> dict[str, Any]:
    """Return the columns that the model takes, by name, but those that a function computes.

    Args:
        frame: rows of the dataset with at least the input columns.
        features: the features.
        order: of the rows in time, where a feature is of the past.
    """
    columns: dict[str, Any] = {}
    for feature in features:
        if isinstance(feature.transform, PythonTransform):
            continue
        if isinstance(feature.transform, OF_TIME):
            columns |= columns_of(frame, feature, order)
        else:
            columns |= {name: frame[name].to_numpy() for name in feature.inputs}
    return columns


def feature_frame(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    computed: Mapping[str, Any],
    order: TimeOrder | None = None,
) -> pd.DataFrame:
    """Return the frame that the model takes.

    Args:
        frame: rows of the dataset with at least the input columns.
        features: the features.
        computed: what the functions gave, by feature name.
        order: of the rows in time, where a feature is of the past.
    """
    columns = {**given_columns(frame, features, order), **computed}
    return pd.DataFrame({name: columns[name] for name in column_names(features)})
