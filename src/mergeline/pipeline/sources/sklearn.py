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
from mergeline.specs.types.data import BUNDLED

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

    if source.loader not in BUNDLED:
        finding = context.model.documents["data.yaml"].finding(
            "unknown-loader",
            f"{source.loader} is not a loader of data that scikit-learn brings",
            ("datasets", 0, "source", "loader"),
            hint=suggest(source.loader, list(BUNDLED)),
        )
        raise StepFailedError([finding])
    loader = getattr(datasets, source.loader)
    try:
        frame: pd.DataFrame = loader(as_frame=True).frame
    except (TypeError, AttributeError):
        raise ToolError(
            f"sklearn.datasets.{source.loader} gives no table", hint="load it in a python source"
        ) from None
    return Taken(frame)
