"""A model with its features: rows of the dataset in, predictions out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from mergeline.digest import digest_json
from mergeline.errors import ToolError
from mergeline.pipeline.feature_frame import feature_frame, input_columns
from mergeline.pipeline.functions import UnknownFunctionError, load_function
from mergeline.pipeline.lags import TimeOrder
from mergeline.pipeline.packaging import MANIFEST, package_digest
from mergeline.pipeline.predictions import Predictions, labels
from mergeline.pipeline.skops_file import load_model
from mergeline.specs.types.features import Feature, PythonTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Predictor:
    """A fitted pipeline and the features that it takes."""

    model: Any
    features: tuple[Feature, ...]
    functions: Mapping[str, Callable[..., Any]]
    order: TimeOrder | None = None

    @property
    def inputs(self) -> list[str]:
        """The columns of the dataset that it reads."""
        time = [] if self.order is None else self.order.columns
        return list(dict.fromkeys([*time, *input_columns(self.features)]))

    def predict(self, rows: pd.DataFrame, past: pd.DataFrame | None = None) -> Predictions:
        """Predict from rows of the dataset.

        Args:
            rows: the rows.
            past: earlier rows, which features of the past look back upon; a forecast's rows
                may hold earlier rows of one another as well.

        Raises:
            KeyError: a column that it reads is not there.
        """
        if self.order is None or past is None:
            frame = feature_frame(rows, self.features, self.functions, self.order)
            return predict(self.model, frame)
        whole = pd.concat([past[self.inputs], rows[self.inputs]], ignore_index=True)
        frame = feature_frame(whole, self.features, self.functions, self.order)
        return predict(self.model, frame.iloc[len(past) :])


def predict(model: Any, frame: pd.DataFrame) -> Predictions:
    """Predict from the columns that the model takes."""
    values = np.asarray(model.predict(frame))
    if not hasattr(model, "classes_"):
        return Predictions(values)
    probabilities = None
    if hasattr(model, "predict_proba"):
        probabilities = np.asarray(model.predict_proba(frame), dtype=np.float64)
    return Predictions(labels(values), probabilities, tuple(labels(model.classes_).tolist()))


def functions_of(
    features: Sequence[Feature], files: Mapping[str, bytes], folder: str
) -> dict[str, Callable[..., Any]]:
    """Return the functions of the features that have one, by feature name.

    Raises:
        UnknownFunctionError: a function is not there.
        ToolError: a file cannot be run.
    """
    return {
        feature.name: load_function(files, feature.transform.function, folder)
        for feature in features
        if isinstance(feature.transform, PythonTransform)
    }


def load_predictor(folder: Path, digest: str | None = None) -> Predictor:
    """Load a package.

    Args:
        folder: the package, as the package step writes it.
        digest: the artifact digest that it must have; None: any.

    Raises:
        ToolError: it is damaged, has another digest, or holds types that may not be loaded.
    """
    sealed = _sealed(folder, digest)
    signature = json.loads((folder / "signature.json").read_bytes())
    features = msgspec.convert(signature["features"], tuple[Feature, ...])
    files = {name: (folder / name).read_bytes() for name in sealed if name.endswith(".py")}
    try:
        functions = functions_of(features, files, folder.name)
    except UnknownFunctionError as error:
        raise ToolError(f"the package is not complete: {error.message}") from None
    order = signature["order"] and TimeOrder(**signature["order"])
    return Predictor(load_model(folder / "model.skops"), features, functions, order)


def _sealed(folder: Path, digest: str | None) -> list[str]:
    """Return the files of a package that its digest covers, once it is what it should be."""
    found = package_digest(folder)
    files: dict[str, str] = json.loads((folder / MANIFEST).read_bytes())["files"]
    if found != digest_json(files):
        raise ToolError("the package was changed", hint="fetch it again from the registry")
    if digest is not None and found != digest:
        raise ToolError(
            f"the package has digest {found}, not {digest}",
            hint="the registry holds another model than the release says",
        )
    return sorted(files)
