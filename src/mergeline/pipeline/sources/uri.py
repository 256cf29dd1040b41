"""A CSV or Parquet file at an address that fsspec reads: s3, gs, abfs, https, file and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mergeline.pipeline.sources.download import UnknownProtocolError, download
from mergeline.pipeline.sources.table import failed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import UriSource

KEY = "uri"


def inputs(_context: Context, _source: UriSource) -> Mapping[str, Any]:
    """Return nothing: the digest in the spec says what must be there."""
    return {}


def uri(_context: Context, source: UriSource) -> str:
    """Return the address."""
    return source.uri


def file_name(source: UriSource) -> str:
    """Return the last part of the address."""
    return urlsplit(source.uri).path.rpartition("/")[2] or source.uri


def fetch(context: Context, source: UriSource, file: Path) -> None:
    """Write what is at the address to a file.

    Raises:
        AbsentError: nothing is there.
        StepFailedError: fsspec does not know the scheme.
        ToolError: the address does not answer.
    """
    try:
        download(source.uri, file)
    except UnknownProtocolError as error:
        hint = "write a scheme that fsspec knows, such as s3, gs, abfs or https"
        raise failed(context, "unknown-protocol", str(error), KEY, hint) from None
