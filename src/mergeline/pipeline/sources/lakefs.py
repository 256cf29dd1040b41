"""A CSV or Parquet file in a lakeFS repository, read through lakeFS' own S3 gateway.

The gateway's address and keys are in the variables that lakeFS' own tools read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.pipeline.sources.download import download
from mergeline.pipeline.sources.table import failed
from mergeline.pipeline.sources.web import UnsafeAddressError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import LakefsSource

KEY = "uri"
_SERVER = "LAKECTL_SERVER_ENDPOINT_URL"
_ID = "LAKECTL_CREDENTIALS_ACCESS_KEY_ID"
_SECRET = "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY"  # noqa: S105 - the name, not the key


def inputs(_context: Context, _source: LakefsSource) -> Mapping[str, Any]:
    """Return nothing: the digest in the spec says what must be there."""
    return {}


def uri(_context: Context, source: LakefsSource) -> str:
    """Return the address."""
    return source.uri


def file_name(source: LakefsSource) -> str:
    """Return the last part of the address."""
    return source.uri.rpartition("/")[2]


def fetch(context: Context, source: LakefsSource, file: Path) -> None:
    """Write what is at the address to a file.

    Raises:
        AbsentError: nothing is there.
        StepFailedError: the address is of more than one file.
        ToolError: the environment lacks a variable, or lakeFS does not answer.
    """
    options = gateway(context.environ)
    # To the gateway a repository is a bucket, a ref the first part of a key.
    address = source.uri.replace("lakefs://", "s3://", 1)
    try:
        download(address, file, options, name=source.uri)
    except UnsafeAddressError as error:
        raise failed(context, "unsafe-address", str(error), KEY, error.hint) from None


def gateway(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of the file system that speaks to lakeFS' S3 gateway.

    Raises:
        ToolError: the environment lacks a variable.
    """
    lacking = [name for name in (_SERVER, _ID, _SECRET) if not environ.get(name)]
    if lacking:
        message = f"the environment does not hold {' and '.join(lacking)}"
        raise ToolError(message, hint="let it hold what lakectl reads")
    return {
        # lakectl's own is that of the API, of the same server.
        "endpoint_url": environ[_SERVER].rstrip("/").removesuffix("/api/v1"),
        "key": environ[_ID],
        "secret": environ[_SECRET],
        "client_kwargs": {"region_name": "us-east-1"},
    }
