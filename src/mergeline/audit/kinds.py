"""What a change was: read from the history, as what a file says of itself proves nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.audit.reading import conforming
from mergeline.specs.types import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.audit.store import Store
    from mergeline.audit.timeline import Change

# As the engine writes the line: of ten thousand files only those are parsed that are shown.
_DIGEST = re.compile(rb"(?m)^digest: (sha256:[0-9a-f]{64})$")


def kinds_of(changes: Sequence[Change], digests: Mapping[Change, str]) -> dict[Change, str]:
    """Tell of each change whether it was a promotion, a rollback, a hold or a removal.

    A rollback brings a release that first came before the present one first did; whatever leaves
    the release as it was is called a hold.

    Args:
        changes: the whole history of some environments, oldest first.
        digests: what each wanted, as far as that can be read.
    """
    seen: dict[tuple[str, str], list[str]] = {}
    last: dict[tuple[str, str], str | None] = {}
    kinds = {}
    for one in changes:
        key, digest = (one.model, one.environment), digests.get(one)
        kinds[one] = _kind(one, digest, last.get(key), seen.setdefault(key, []))
        last[key] = digest
    return kinds


def _kind(change: Change, digest: str | None, before: str | None, seen: list[str]) -> str:
    if change.blob is None:
        return "removal"
    if digest is not None and digest == before:
        return "hold"
    places = {one: place for place, one in enumerate(seen)}
    back = places.get(digest or "", len(seen)) < places.get(before or "", -1)
    if digest is not None and digest not in seen:
        seen.append(digest)
    return "rollback" if back else "promotion"


def digests_of(git: Store, changes: Sequence[Change]) -> dict[Change, str]:
    """Return the digest that each change wanted, as far as its file can be read."""
    blobs = sorted({change.blob for change in changes if change.blob})
    found = {
        blob: digest
        for blob, stored in zip(blobs, git.stored(blobs), strict=True)
        if stored and (digest := _digest(stored.content))
    }
    return {one: found[one.blob] for one in changes if one.blob in found}


def _digest(content: bytes) -> str | None:
    lines = _DIGEST.findall(content)
    if len(lines) == 1:
        return str(lines[0].decode())
    state = conforming(content, Environment)
    return state.digest if state else None
