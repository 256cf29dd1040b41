"""Which SLSA Build level the provenance of a release reaches, and why not a higher one.

The levels are those of https://slsa.dev/spec/v1.0/levels. Nothing is claimed that the signature
does not show: what a signed statement says of its own builder proves no more than who signed it.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mergeline.pipeline.confined import JOBS_APART
from mergeline.promotion.statement import LOCAL_BUILDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mergeline.registry.signing import Witnessed
    from mergeline.registry.trust import Signer


@dataclass(frozen=True, slots=True)
class BuildLevel:
    """A level, and what keeps it from the next one.

    Attributes:
        level: 0 to 3.
        lacks: in words; "" at level 3.
    """

    level: int
    lacks: str = ""

    def __str__(self) -> str:
        said = f"SLSA Build L{self.level}" if self.level else "no SLSA Build level is claimed"
        return f"{said}: {self.lacks}" if self.lacks else said


def build_level(
    statement: Mapping[str, Any], signer: Signer, witnessed: Callable[[str], Witnessed]
) -> BuildLevel:
    """Return the level of a statement that a signer has signed.

    Args:
        statement: the provenance.
        signer: whose signature was verified.
        witnessed: gives what the certificate says, for the address of a repository; asked only
            where an identity signed.
    """
    predicate = statement["predicate"]
    definition = predicate["buildDefinition"]
    builder = str(predicate["runDetails"]["builder"]["id"])
    repository = str(definition["externalParameters"]["repository"])
    if not _is_hosted(builder):
        return BuildLevel(0, "it was made where no build platform vouches for it")
    if signer.public_key is not None:
        return BuildLevel(1, "whoever holds the key could have written the provenance")
    certificate = witnessed(repository)
    if not certificate.source:
        return BuildLevel(0, f"the run that signed is none of {repository}")
    if _repository(str(signer.identity)) == repository:
        return BuildLevel(2, "the workflow that signs is in the repository that calls it")
    if not certificate.hosted:
        return BuildLevel(2, "the machine is none that was made for the run")
    if definition["internalParameters"].get("isolation", {}).get("runs") != JOBS_APART:
        return BuildLevel(2, "the model's code ran on the machine that signs")
    return BuildLevel(3)


def _is_hosted(builder: str) -> bool:
    """Tell whether an address is that of a build platform, and not of this machine."""
    if builder == LOCAL_BUILDER:
        return False
    parts = urlsplit(builder)
    host = parts.hostname or ""
    with suppress(ValueError):
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    return parts.scheme == "https" and "." in host and not host.endswith((".localhost", ".local"))


def _repository(identity: str) -> str:
    """Return the address of the repository that a workflow's identity lies in."""
    parts = urlsplit(identity)
    return f"{parts.scheme}://{parts.netloc}/{'/'.join(parts.path.split('/')[1:3])}"
