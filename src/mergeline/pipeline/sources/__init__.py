"""Where data comes from: one file a type, one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mergeline.pipeline.sources import file, python, sklearn
from mergeline.specs.types.data import FileSource, PythonSource, SklearnSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mergeline.pipeline.context import Context


class _Reader(Protocol):
    """A module that knows one type of source."""

    def inputs(self, context: Context, source: Any) -> Mapping[str, Any]:
        """Return what the data depends on, the spec apart; cheap."""

    def uri(self, context: Context, source: Any) -> str:
        """Return an address that names the data to people."""

    def read(self, context: Context, source: Any) -> pd.DataFrame:
        """Return the data."""


_READERS: Mapping[type, _Reader] = {
    SklearnSource: sklearn,
    FileSource: file,
    PythonSource: python,
}


def reader(context: Context) -> _Reader:
    """Return the reader for the model's dataset."""
    return _READERS[type(context.model.data.datasets[0].source)]
