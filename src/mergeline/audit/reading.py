"""Files of the history as what they claim to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from mergeline.audit.sections import plain_value
from mergeline.errors import ToolError
from mergeline.findings import Finding, Location, Severity
from mergeline.promotion.record import release_digest
from mergeline.specs.types import Release, Spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.audit.timeline import Recorded

_Kind = TypeVar("_Kind", bound=Spec)


def conforming(content: bytes, kind: type[_Kind]) -> _Kind | None:
    """Return a file as a spec of a kind; None: it is none."""
    try:
        return msgspec.convert(plain_value(content), kind)
    except msgspec.ValidationError:
        return None


def edited(release: Release | None, history: Sequence[Recorded]) -> str | None:
    """Say how a release record is not what was once written; None: it is.

    Args:
        release: what the record says; None: it cannot be read.
        history: the commits that touched it.
    """
    if release is None:
        return "the record cannot be read"
    if release_digest(msgspec.to_builtins(release)) != release.digest:
        return "the record's digest does not fit its content"
    if len({one.blob for one in history}) > 1:
        later = next(one for one in history if one.blob != history[0].blob)
        return f"the record was changed after it was written, by commit {later.commit[:10]}"
    return None


def not_here(release: Release) -> ToolError:
    """Return the error that the commit a release was trained at is not in this clone."""
    return ToolError(
        f"commit {release.training.commit[:10]}, at which {release.name} {release.version} was "
        "trained, is not in this clone",
        hint="run git fetch; in a shallow clone git fetch --unshallow",
    )


def found_in(rule: str, path: str, message: str) -> Finding:
    """Return a finding about a file of the history."""
    hint = f"see git log --first-parent {path}"
    return Finding(rule, Severity.ERROR, message, Location(path), hint)
