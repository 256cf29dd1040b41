"""From rows of the dataset to what the model takes: the same for training and serving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mergeline.pipeline.functions import failed
from mergeline.pipeline.lags import columns_of
from mergeline.specs.types.features import OF_TIME, Feature, PythonTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mergeline.pipeline.lags import TimeOrder

_DTYPES: Mapping[str, Any] = {
    "float64": np.float64,
    "int64": np.int64,
    "bool": bool,
    "string": object,
    "datetime64": "datetime64[ns]",
}


class FeatureError(ValueError):
    """A feature's function gave something that cannot be its column."""

    def __init__(self, feature: str, message: str) -> None:
        super().__init__(f'feature "{feature}": {message}')
        self.feature = feature


def input_columns(features: Sequence[Feature]) -> list[str]:
    """Return the columns of the dataset that the features read, each once, in order."""
    return list(dict.fromkeys(name for feature in features for name in feature.inputs))


def feature_frame(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    functions: Mapping[str, Callable[..., Any]],
    order: TimeOrder | None = None,
) -> pd.DataFrame:
    """Return the frame that the model takes.

    Args:
        frame: rows of the dataset with at least the input columns.
        features: the features.
        functions: the function of each feature with a python transform, by feature name.
        order: of the rows in time, where a feature is of the past.

    Raises:
        FeatureError: a function gave no column of its declared type, one value a row.
        ToolError: a function raised an error.
    """
    columns: dict[str, Any] = {}
    for feature in features:
        if isinstance(feature.transform, PythonTransform):
            columns[feature.name] = _call(frame, feature, functions[feature.name])
        elif isinstance(feature.transform, OF_TIME):
            columns |= columns_of(frame, feature, order)
        else:
            columns |= {name: frame[name].to_numpy() for name in feature.inputs}
    return pd.DataFrame(columns)


def _call(frame: pd.DataFrame, feature: Feature, function: Callable[..., Any]) -> Any:
    assert isinstance(feature.transform, PythonTransform)
    inputs = frame[list(feature.inputs)].reset_index(drop=True)
    try:
        values = np.asarray(function(inputs, **feature.transform.parameters))
    except Exception as error:
        code = getattr(function, "__code__", None)
        file = code.co_filename if code else feature.transform.function
        raise failed(error, file, "raised an error") from error
    if values.shape == (len(frame), 1):
        values = values[:, 0]
    if values.shape != (len(frame),):
        message = f"gave values of shape {values.shape} for {len(frame)} rows"
        raise FeatureError(feature.name, message)
    try:
        return values.astype(_DTYPES[feature.dtype])
    except (ValueError, TypeError) as error:
        message = f"gave {values.dtype} values that are not {feature.dtype}: {error}"
        raise FeatureError(feature.name, message) from None
