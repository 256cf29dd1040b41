"""The policies that a commit was to be judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import MergelineError
from mergeline.policy.library import PolicyLibrary

if TYPE_CHECKING:
    from mergeline.git import GitRepository


def policies_at(git: GitRepository, commit: str) -> str | None:
    """Return the digest of the policies of a commit; None: they cannot be read."""
    try:
        return PolicyLibrary.load(git.tree(commit)).digest
    except MergelineError:
        return None
