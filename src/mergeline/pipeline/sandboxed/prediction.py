"""A fitted model with the functions of its features: for `pipeline/predictor.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from mergeline.pipeline.feature_frame import column_names
from mergeline.pipeline.predictions import predict
from mergeline.pipeline.sandboxed.features import Features
from mergeline.pipeline.skops_file import load_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.specs.types.features import Feature

Answer = tuple[dict[str, Any], dict[str, pd.DataFrame]]


class Prediction:
    """A model that answers for rows without their labels."""

    def __init__(
        self,
        model: str,
        features: Sequence[Feature],
        files: Mapping[str, bytes],
        folder: str,
        threads: int,
    ) -> None:
        """Load the model and the functions.

        Args:
            model: its file.
            features: what it takes.
            files: the Python files of the features, by path below the folder.
            folder: the folder's path, for messages.
            threads: of native libraries.
        """
        self._functions = Features(features, files, folder)
        self._names = column_names(features)
        # For as long as this process is there: to set it anew takes longer than a prediction.
        threadpool_limits(limits=threads)
        np.random.seed(0)
        self._model = load_model(Path(model))

    def rows(self, inputs: pd.DataFrame, given: pd.DataFrame) -> Answer:
        """Predict from rows of the dataset.

        Args:
            inputs: what the functions of features take.
            given: the columns of all other features.
        """
        columns = self._functions.computed(inputs) | {name: given[name] for name in given}
        return self.columns(pd.DataFrame({name: columns[name] for name in self._names}))

    def columns(self, frame: pd.DataFrame) -> Answer:
        """Predict from the columns that the model takes.

        Returns:
            `classes`, or None where the model gives numbers; and the table `predictions`: `value`,
            and where it gives probabilities one column for each class, named by its place.
        """
        found = predict(self._model, frame)
        columns: dict[str, Any] = {"value": found.values}
        if found.probabilities is not None:
            columns |= {str(place): one for place, one in enumerate(found.probabilities.T)}
        return {"classes": found.classes}, {"predictions": pd.DataFrame(columns)}
