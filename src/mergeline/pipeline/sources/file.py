"""A CSV or Parquet file in the model folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_bytes
from mergeline.pipeline.sources.table import failed, read_table
from mergeline.pipeline.sources.taken import Taken
from mergeline.pipeline.suggestion import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import FileSource


def inputs(context: Context, source: FileSource) -> Mapping[str, Any]:
    """Return the digest of the file."""
    content = context.model.files.get(source.path)
    return {"file": None if content is None else digest_bytes(content)}


def uri(context: Context, source: FileSource) -> str:
    """Return the path from the repository's root."""
    return f"{context.model.path}/{source.path}"


def read(context: Context, source: FileSource) -> Taken:
    """Return the rows of the file, a CSV's values read as the declared types.

    Raises:
        StepFailedError: the file is not there, of no known format, or cannot be read.
    """
    content = context.model.files.get(source.path)
    if content is None:
        known = [name for name in context.model.files if name.endswith((".csv", ".parquet"))]
        hint = suggest(source.path, known)
        raise failed(context, "data-not-found", f"there is no {source.path}", "path", hint)
    frame = read_table(context, content, source.path, "path")
    return Taken(frame, digest_bytes(content))
