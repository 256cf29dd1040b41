"""Where data comes from: one file a type, one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mergeline.pipeline.sources import dvc, file, lakefs, python, sklearn, sql, uri
from mergeline.pipeline.sources.stored import Stored
from mergeline.specs.types.data import (
    DvcSource,
    FileSource,
    LakefsSource,
    PythonSource,
    SklearnSource,
    SqlSource,
    UriSource,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.pipeline.context import Context
    from mergeline.pipeline.sources.taken import Taken


class _Reader(Protocol):
    """A module that knows one type of source."""

    def inputs(self, context: Context, source: Any) -> Mapping[str, Any]:
        """Return what the data depends on, the spec apart; cheap."""

    def uri(self, context: Context, source: Any) -> str:
        """Return an address that names the data to people."""

    def read(self, context: Context, source: Any) -> Taken:
        """Return the data, and what is known of their bytes."""


_READERS: Mapping[type, _Reader] = {
    SklearnSource: sklearn,
    FileSource: file,
    PythonSource: python,
    UriSource: Stored(uri),
    DvcSource: Stored(dvc),
    LakefsSource: Stored(lakefs),
    SqlSource: Stored(sql),
}


def fetcher(context: Context) -> Stored | None:
    """Return what fetches the model's dataset; None: it needs no fetch."""
    found = reader(context)
    return found if isinstance(found, Stored) else None


def reader(context: Context) -> _Reader:
    """Return the reader for the model's dataset."""
    return _READERS[type(context.model.data.datasets[0].source)]
