"""Which part of the environment reads data: all that a run gets of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Connections to databases, as data.yaml names them; the clouds' and lakeFS's own; how the network
# is reached. No token of a forge, no password of a registry, no key that signs.
_READS = re.compile(
    r"([A-Z][A-Z0-9_]*_)?DATABASE|(AWS|GOOGLE|AZURE|LAKECTL|LAKEFS|FSSPEC|DVC)_[A-Z0-9_]+"
    r"|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|HOME|USER|LOGNAME",
    re.IGNORECASE,
)


def data_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment a process needs that reads data."""
    return {name: value for name, value in environ.items() if _READS.fullmatch(name)}
