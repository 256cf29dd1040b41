"""Which part of the environment reads data: all that a run gets of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.specs.credentials import CLOUDS, credential_of
from mergeline.specs.types.data import DvcSource, SqlSource, UriSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.types.data import Source

# How the network is reached, and where the settings of a person are.
_ALWAYS = re.compile(
    r"(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|HOME|USER|LOGNAME",
    re.IGNORECASE,
)
# Options of fsspec's file systems.
_OPTION = re.compile(r"FSSPEC_[A-Z0-9]+_[A-Z0-9_]+")
# Where a service is, which is no secret: each client library has names of its own.
_ADDRESSES = frozenset(
    (
        *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"),
        *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_DISABLED"),
        *("AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION"),
        *("GOOGLE_CLOUD_PROJECT", "STORAGE_EMULATOR_HOST", "AZURE_TENANT_ID"),
    )
)


def data_credentials(source: Source, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment a process needs that reads data from a source.

    Nothing that another source is read with, no token of a forge, no password of a registry, no
    key that signs. What a cloud's key may do beside reading is the key's: the doctor looks.
    """
    found = CLOUDS if isinstance(source, DvcSource) else (credential_of(source),)
    names = {name for one in found if one is not None for name in (*one.secrets, *one.others)}
    if names and not isinstance(source, SqlSource):
        names |= _ADDRESSES
    return {
        name: value
        for name, value in environ.items()
        if name in names or _ALWAYS.fullmatch(name) or (_is_cloud(source) and _OPTION.match(name))
    }


def _is_cloud(source: Source) -> bool:
    return isinstance(source, UriSource | DvcSource)
