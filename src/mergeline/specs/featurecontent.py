"""What makes a feature the one that it is, by content: its version is raised when this changes.

The columns that it reads (name, type, how personal data in it are treated) in their order, its
transform with parameters, its type, what orders its series in time, and what its function does.
Name, version, owner and description say which feature it is, not what it is; and the rows of the
dataset are what it is computed from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_json
from mergeline.specs.functioncode import code_digest
from mergeline.specs.types.data import TemporalSplit
from mergeline.specs.types.features import OF_THE_PAST, PythonTransform
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.specs import types
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types.features import Feature

    Read = Callable[[str], bytes | None]


def feature_contents(model: ModelFolder) -> dict[str, str]:
    """Return the digest of each feature's content, by its name."""
    read = model.files.get
    return {one.name: feature_content(one, model.data, read) for one in model.features.features}


def feature_content(feature: Feature, data: types.Data, read: Read) -> str:
    """Return the digest of a feature's content; the same on one version of Python only.

    Args:
        feature: the feature.
        data: what it is computed from.
        read: gives the content of a file below the model folder.
    """
    columns = {column.name: column for dataset in data.datasets for column in dataset.columns}
    inputs = [
        [name, column.type, column.pii_treatment]
        if (column := columns.get(name)) is not None
        else [name]
        for name in feature.inputs
    ]
    order = _order(data) if isinstance(feature.transform, OF_THE_PAST) else None
    return digest_json([inputs, order, transform_content(feature, read)])


def transform_content(feature: Feature, read: Read) -> list[Any]:
    """Return what a feature's transform is, with its type: JSON values."""
    transform = msgspec.to_builtins(feature.transform)
    if isinstance(feature.transform, PythonTransform):
        path, _, name = feature.transform.function.partition(":")
        content = read(path) or b""
        # Where the function stands is not what it does.
        code = code_digest(content, name) if len(content) <= MAX_BYTES else path
        transform = {"code": code, "parameters": feature.transform.parameters}
    return [transform, feature.dtype]


def _order(data: types.Data) -> list[str | None]:
    split, forecast = data.split, data.forecast
    time = split.time_column if isinstance(split, TemporalSplit) else None
    return [time, forecast.series_column if forecast is not None else None]
