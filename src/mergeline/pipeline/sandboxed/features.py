"""The functions of features: for `pipeline/python_features.py`, and beside a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mergeline.pipeline.feature_frame import DTYPES, FeatureError
from mergeline.pipeline.functions import failed, load_function
from mergeline.specs.types.features import PythonTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mergeline.specs.types.features import Feature


class Features:
    """The features that are computed by functions of a model."""

    def __init__(
        self, features: Sequence[Feature], files: Mapping[str, bytes], folder: str
    ) -> None:
        """Load the functions.

        Args:
            features: the features; those without a function are passed over.
            files: content by path below the folder.
            folder: the folder's path, for messages.
        """
        self._features = [
            (feature, feature.transform, load_function(files, feature.transform.function, folder))
            for feature in features
            if isinstance(feature.transform, PythonTransform)
        ]

    def columns(self, frame: pd.DataFrame) -> tuple[None, dict[str, pd.DataFrame]]:
        """Return a table `columns` with a column for each feature, of its declared type.

        Args:
            frame: rows of the dataset with at least the inputs of the features.

        Raises:
            FeatureError: a function gave no column of its declared type, one value a row.
            ToolError: a function raised an error.
        """
        return None, {"columns": pd.DataFrame(self.computed(frame))}

    def computed(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Return the values of each feature, shape (rows,)."""
        return {
            feature.name: _call(frame, feature, transform, function)
            for feature, transform, function in self._features
        }


def _call(
    frame: pd.DataFrame,
    feature: Feature,
    transform: PythonTransform,
    function: Callable[..., Any],
) -> Any:
    inputs = frame[list(feature.inputs)].reset_index(drop=True)
    try:
        values = np.asarray(function(inputs, **transform.parameters))
    except Exception as error:
        code = getattr(function, "__code__", None)
        file = code.co_filename if code else transform.function
        raise failed(error, file, "raised an error") from error
    if values.shape == (len(frame), 1):
        values = values[:, 0]
    if values.shape != (len(frame),):
        message = f"gave values of shape {values.shape} for {len(frame)} rows"
        raise FeatureError(feature.name, message)
    try:
        return values.astype(DTYPES[feature.dtype])
    except (ValueError, TypeError) as error:
        message = f"gave {values.dtype} values that are not {feature.dtype}: {error}"
        raise FeatureError(feature.name, message) from None
