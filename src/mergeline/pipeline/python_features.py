"""The features that functions of a model compute, each from its inputs alone, in a child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.pipeline.feature_frame import DTYPES, FeatureError
from mergeline.pipeline.functions import UnknownFunctionError, unknown
from mergeline.pipeline.model_code import child, code_of, made
from mergeline.sandbox import SandboxError
from mergeline.specs.types.features import PythonTransform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mergeline.pipeline.context import Context
    from mergeline.pipeline.step import StepFailedError
    from mergeline.sandbox import Sandbox
    from mergeline.specs.types.features import Feature

_WHAT = "the functions of the features"


def compute(context: Context, *frames: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the columns that functions compute, by name, for each of the frames.

    Raises:
        FeatureError: a function gave no column of its declared type, one value a row.
        StepFailedError: there is no such function.
        ToolError: a function raised an error, or its process ended.
    """
    features = with_functions(context.model.features.features)
    if not features:
        return [{} for _ in frames]
    with child(context, "features:Features", _WHAT) as sandbox:
        try:
            code = code_of_features(features, context.model.files)
            made(sandbox, features, code, context.model.path)
            return [_columns(sandbox, features, one) for one in frames]
        except UnknownFunctionError as error:
            raise _not_there(context, error) from None
        except SandboxError as error:
            raise as_raised(error) from None


def code_of_features(features: Sequence[Feature], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of the functions of features, out of a model's."""
    transforms = (one.transform for one in features)
    paths = [one.function for one in transforms if isinstance(one, PythonTransform)]
    return code_of(paths, files)


def with_functions(features: Sequence[Feature]) -> list[Feature]:
    """Return the features that functions compute."""
    return [one for one in features if isinstance(one.transform, PythonTransform)]


def inputs(frame: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """Return the columns that functions read, and no other: a child sees no more of the rows."""
    names = dict.fromkeys(name for one in with_functions(features) for name in one.inputs)
    return frame[list(names)]


def _columns(sandbox: Sandbox, features: Sequence[Feature], frame: pd.DataFrame) -> dict[str, Any]:
    _, tables = sandbox.call("columns", inputs(frame, features))
    found = tables.get("columns")
    if found is None or list(found) != [one.name for one in features] or len(found) != len(frame):
        raise ToolError(f"{_WHAT} gave other columns than were asked for")
    try:
        return {one.name: found[one.name].to_numpy().astype(DTYPES[one.dtype]) for one in features}
    except (TypeError, ValueError):
        raise ToolError(f"{_WHAT} gave a column of another type than was asked for") from None


def as_raised(error: SandboxError) -> Exception:
    """Return what a child raised: an error of a feature as that."""
    if error.type == FeatureError.__name__ and len(error.arguments) == len(("feature", "message")):
        return FeatureError(*map(str, error.arguments))
    return ToolError(f"{_WHAT} raised {error}")


def _not_there(context: Context, error: UnknownFunctionError) -> StepFailedError:
    features = context.model.features.features
    named = [
        index
        for index, one in enumerate(features)
        if isinstance(one.transform, PythonTransform) and one.transform.function == error.path
    ]
    at = named[0] if named else 0
    place = ("features", at, "transform", "function")
    return unknown(error, context.model.documents["features.yaml"], place)
