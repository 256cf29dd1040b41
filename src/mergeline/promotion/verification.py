"""Is a release what its record says? Digests and signatures are checked always, by everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.promotion.record import is_intact
from mergeline.promotion.signature import signature_findings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.registry.trust import Trust
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release


@dataclass(frozen=True, slots=True)
class Checks:
    """How a packaged model is looked at.

    Attributes:
        digest_of: computes its digest from its files.
        trust: who may have signed it.
    """

    digest_of: Callable[[Path], str]
    trust: Trust


def verify(
    model: ModelFolder, release: Release, fetch: Callable[[], Path] | None, checks: Checks
) -> list[Finding]:
    """Compare a release record with itself, its signature, and the bytes in the registry.

    Args:
        model: the model, with the record.
        release: the record.
        fetch: brings the packaged model here; None: the registry has none.
        checks: how to look at it.

    Raises:
        ToolError: the registry does not give the package, or Sigstore does not answer.
    """
    document = model.documents[f"releases/{release.version}.yaml"]
    found = []
    if not is_intact(release):
        found.append(
            document.finding(
                "release-edited",
                "the record's digest does not fit its content",
                ("digest",),
                hint="release records are never edited: restore it, or release a new version",
            )
        )
    if fetch is not None:
        package = fetch()
        actual = checks.digest_of(package)
        if actual != release.artifact.digest:
            found.append(
                document.finding(
                    "artifact-digest",
                    f"the model in the registry has the digest {actual}, not the recorded one",
                    ("artifact", "digest"),
                    hint="the artifact was changed or lost: release a new version",
                )
            )
        found += signature_findings(model, release, package, checks.trust)
    return found
