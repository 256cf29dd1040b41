"""Is what a merge left on the default branch what reviewers could see?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.specs.tracked import check_tracked

if TYPE_CHECKING:
    from collections.abc import Collection

    from mergeline.findings import Finding
    from mergeline.forge.types import PullRequest
    from mergeline.git import GitRepository

_HINT = "open a pull request with the same change, and merge it on the forge"


def require_head(git: GitRepository, pull_request: PullRequest, commit: str, path: str) -> None:
    """Refuse a file that is other on the default branch than on the merged head.

    Approvals are of the head. A merge can mix it with what came to the default branch meanwhile,
    and one that is made by hand can hold anything.

    Raises:
        RefusedError: it is.
        ToolError: the head cannot be had.
    """
    head = pull_request.head_sha
    if not git.has(head):
        git.fetch_ref(f"refs/pull/{pull_request.number}/head")
    if _content(git, commit, path) != _content(git, head, path):
        raise RefusedError(
            f"{path} is not what pull request #{pull_request.number} had at its head "
            f"{head[:10]}: nobody has approved what commit {commit[:10]} makes of it",
            hint="open a new pull request, from the default branch as it is now",
        )


def require_plain_merge(
    git: GitRepository, pull_request: PullRequest, commit: str, paths: Collection[str]
) -> None:
    """Refuse a merge commit that brings more than its two sides.

    Args:
        git: the clone.
        pull_request: the pull request.
        commit: its merge; one that is no merge commit was made by the forge, or reviewed as it is.
        paths: what is looked at: files and folders.

    Raises:
        RefusedError: it does.
    """
    if not git.is_merge(commit):
        return
    own = git.merged_by_hand(commit, paths)
    if own is None or own:
        what = "what conflicted" if own is None else ", ".join(own)
        raise RefusedError(
            f"the merge {commit[:10]} of pull request #{pull_request.number} was made by hand: "
            f"nobody could review {what}",
            hint=_HINT,
        )


def tracked_by(git: GitRepository, commit: str) -> list[Finding]:
    """Return what a commit brings that none may: state of a tool, attributes that convert."""
    return check_tracked(git.tree(commit), git.tracked(commit))


def _content(git: GitRepository, commit: str, path: str) -> bytes | None:
    try:
        return git.tree(commit).read(path)
    except FileNotFoundError:
        return None
