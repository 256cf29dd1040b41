"""Is a release what its record says? Digests are checked always; nothing waives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.promotion.record import is_intact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.promotion.case import Case


def verify(
    case: Case, fetch: Callable[[], Path], digest_of: Callable[[Path], str]
) -> list[Finding]:
    """Compare a release record with itself and with the bytes in the registry.

    Args:
        case: the promotion.
        fetch: brings the packaged model here.
        digest_of: computes the digest of a packaged model from its files.

    Raises:
        ToolError: the registry does not give the package.
    """
    release = case.release
    if release is None:
        return []
    path = f"releases/{release.version}.yaml"
    document = case.model.documents[path]
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
    if case.registered is not None:
        actual = digest_of(fetch())
        if actual != release.artifact.digest:
            found.append(
                document.finding(
                    "artifact-digest",
                    f"the model in the registry has the digest {actual}, not the recorded one",
                    ("artifact", "digest"),
                    hint="the artifact was changed or lost: release a new version",
                )
            )
    return found
