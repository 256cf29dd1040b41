"""A dataset that is bundled with scikit-learn.

The columns are the loader's: the features under scikit-learn's names in its order, then
`target` (0 or 1 for classification).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.pipeline.sources.taken import Taken
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.suggestion import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import SklearnSource


def inputs(_context: Context, _source: SklearnSource) -> Mapping[str, Any]:
    """Return nothing: the data comes with the locked library."""
    return {}


def uri(_context: Context, source: SklearnSource) -> str:
    """Return the loader as an address."""
    return f"sklearn://{source.loader}"


def read(context: Context, source: SklearnSource) -> Taken:
    """Return the bundled data.

    Raises:
        StepFailedError: there is no such loader.
        ToolError: the loader gives no table.
    """
    from sklearn import datasets

    loader = getattr(datasets, source.loader, None)
    if loader is None:
        known = [name for name in datasets.__all__ if name.startswith("load_")]
        finding = context.model.documents["data.yaml"].finding(
            "unknown-loader",
            f'sklearn.datasets has no "{source.loader}"',
            ("datasets", 0, "source", "loader"),
            hint=suggest(source.loader, known),
        )
        raise StepFailedError([finding])
    try:
        frame: pd.DataFrame = loader(as_frame=True).frame
    except (TypeError, AttributeError):
        raise ToolError(
            f"sklearn.datasets.{source.loader} gives no table", hint="load it in a python source"
        ) from None
    return Taken(frame)
