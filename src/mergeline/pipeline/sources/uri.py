"""A CSV or Parquet file at an address that fsspec reads: s3, gs, abfs, https or file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mergeline.pipeline.sources.download import download
from mergeline.pipeline.sources.table import failed
from mergeline.pipeline.sources.web import UnsafeAddressError

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
        StepFailedError: data must not be read from it, or from where it leads.
        ToolError: the address does not answer.
    """
    try:
        download(source.uri, file)
    except UnsafeAddressError as error:
        raise failed(context, "unsafe-address", str(error), KEY, error.hint) from None
