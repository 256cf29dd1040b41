"""A model with its features: rows of the dataset in, predictions out of a child."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np
import pandas as pd

from mergeline.digest import digest_json
from mergeline.errors import ToolError
from mergeline.pipeline.feature_frame import given_columns, input_columns
from mergeline.pipeline.functions import UnknownFunctionError
from mergeline.pipeline.lags import TimeOrder
from mergeline.pipeline.model_code import made
from mergeline.pipeline.packaging import MANIFEST, package_digest
from mergeline.pipeline.predictions import Predictions
from mergeline.pipeline.python_features import code_of_features, inputs
from mergeline.sandbox import Limits, Sandbox, SandboxError
from mergeline.specs.types.features import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.pipeline.predictions import Label
    from mergeline.sandbox import Enforced

_KIND = "mergeline.pipeline.sandboxed.prediction:Prediction"
_LIMITS = Limits()
_KINDS = {"i": np.int64, "u": np.int64, "b": np.int64, "f": np.float64}


class _Said(msgspec.Struct):
    """What a child says beside the table of predictions."""

    classes: tuple[int | str, ...] | None


class Predictor:
    """A fitted pipeline and the features that it takes; a context manager.

    The child gets what the features read of each row, and nothing else of it: no label.

    Attributes:
        features: what the model takes.
        order: what orders the rows of a forecast; None: it forecasts nothing.
    """

    def __init__(
        self,
        model: Path,
        features: tuple[Feature, ...],
        files: Mapping[str, bytes],
        folder: str,
        order: TimeOrder | None = None,
        *,
        limits: Limits = _LIMITS,
        threads: int = 1,
    ) -> None:
        """Load a model in a child.

        Args:
            model: the skops file.
            features: what it takes.
            files: the Python files of the features, by path below the folder.
            folder: the folder's path, for messages.
            order: of the rows in time, of a forecast.
            limits: what the child may take.
            threads: of native libraries.

        Raises:
            UnknownFunctionError: a function is not there.
            ToolError: a file cannot be run, or the model cannot be loaded.
        """
        self.features, self.order = features, order
        self._sandbox = Sandbox(
            _KIND, limits=limits, readable=[model], what=f"the model of {folder}"
        )
        try:
            path = str(model.resolve())
            made(self._sandbox, path, features, code_of_features(features, files), folder, threads)
        except BaseException:
            self._sandbox.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.close()

    @property
    def enforced(self) -> tuple[Enforced, ...]:
        """How the child is held to its limits."""
        return self._sandbox.enforced

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
            ValueError: the model does not take these rows.
            ToolError: a function raised an error, or the process ended.
        """
        whole, first = rows, 0
        if self.order is not None and past is not None:
            whole = pd.concat([past[self.inputs], rows[self.inputs]], ignore_index=True)
            first = len(past)
        given = pd.DataFrame(given_columns(whole, self.features, self.order), index=whole.index)
        read = inputs(whole, self.features)
        return self._ask(len(rows), "rows", read.iloc[first:], given.iloc[first:])

    def predict_columns(self, frame: pd.DataFrame) -> Predictions:
        """Predict from the columns that the model takes.

        Raises:
            ValueError: the model does not take these rows.
            ToolError: the process ended.
        """
        return self._ask(len(frame), "columns", frame)

    def _ask(self, rows: int, method: str, *frames: pd.DataFrame) -> Predictions:
        try:
            said, tables = self._sandbox.call(method, *frames)
        except SandboxError as error:
            if error.type == "ValueError":
                raise ValueError(error.message) from None
            raise ToolError(f"the model raised {error}") from None
        try:
            classes = msgspec.convert(said, _Said).classes
            return _predictions(tables["predictions"], classes, rows)
        except (KeyError, ValueError, msgspec.ValidationError) as error:
            raise ToolError(f"the model gave no predictions: {error}") from None


def _predictions(frame: pd.DataFrame, classes: tuple[Label, ...] | None, rows: int) -> Predictions:
    """Return what a table says, which the child may have made as it likes.

    Raises:
        ValueError: it holds no predictions of so many rows.
    """
    names = [name for name in frame if name != "value"]
    if len(frame) != rows:
        raise ValueError(f"{len(frame)} for {rows} rows")
    if list(frame).count("value") != 1:
        raise ValueError("there is no one column of values")
    if names and (classes is None or names != [str(place) for place in range(len(classes))]):
        raise ValueError("probabilities of other classes")
    found = frame["value"].to_numpy()
    values: Any = found.astype(_KINDS.get(found.dtype.kind, str))
    if classes is None and found.dtype.kind not in _KINDS:
        raise ValueError("texts where numbers are asked for")
    if classes is not None and values.dtype == np.float64:
        raise ValueError("numbers with fractions where classes are asked for")
    if any(frame[name].dtype.kind != "f" for name in names):
        raise ValueError("probabilities that are no numbers")
    probabilities = frame[names].to_numpy(np.float64) if names else None
    return Predictions(values, probabilities, classes)


def load_predictor(
    folder: Path, digest: str | None = None, *, limits: Limits = _LIMITS, threads: int = 1
) -> Predictor:
    """Load a package in a child.

    Args:
        folder: the package, as the package step writes it.
        digest: the artifact digest that it must have; None: any.
        limits: what the child may take.
        threads: of native libraries.

    Raises:
        ToolError: it is damaged, has another digest, or holds types that may not be loaded.
    """
    sealed = _sealed(folder, digest)
    signature = json.loads((folder / "signature.json").read_bytes())
    features = msgspec.convert(signature["features"], tuple[Feature, ...])
    files = {name: (folder / name).read_bytes() for name in sealed if name.endswith(".py")}
    order = signature["order"] and TimeOrder(**signature["order"])
    model = folder / "model.skops"
    try:
        return Predictor(model, features, files, folder.name, order, limits=limits, threads=threads)
    except UnknownFunctionError as error:
        raise ToolError(f"the package is not complete: {error.message}") from None


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
