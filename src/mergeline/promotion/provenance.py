"""Which merged pull request brought a commit to the default branch, and who approved it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError
from mergeline.promotion.approvals import (
    Approvals,
    derive_approvals,
    of_writers,
    people,
    seen_by_others,
)
from mergeline.promotion.proposal import DISPATCHER_TRAILER

if TYPE_CHECKING:
    from collections.abc import Collection

    from mergeline.forge import Forge
    from mergeline.forge.types import PullRequest, PullRequestCommit
    from mergeline.git import GitRepository


_TRAILER = re.compile(rf"(?m)^{DISPATCHER_TRAILER}: (\S+)$")


@dataclass(frozen=True, slots=True)
class Provenance:
    """A pull request and what its reviews amount to.

    Attributes:
        pull_request: the pull request.
        approvals: derived from its reviews.
        commits: those that it brought, as they were pushed.
        committers: the logins of those who wrote its commits.
        dispatcher: the login of who set the bot off to make its newest commit, or None.
        default_branch: of the repository.
    """

    pull_request: PullRequest
    approvals: Approvals
    commits: frozenset[str]
    committers: tuple[str, ...]
    dispatcher: str | None
    default_branch: str

    def as_input(self, *, merged: bool) -> dict[str, Any]:
        """Return the pull request and its approvals as policies see them."""
        pull_request = self.pull_request
        return {
            "pull_request": {
                "number": pull_request.number,
                "author": pull_request.author,
                "merged": merged,
                "base": pull_request.base_ref,
                "default_branch": self.default_branch,
                "head_sha": pull_request.head_sha,
                "committers": list(self.committers),
                "dispatcher": self.dispatcher,
            },
            **self.approvals.as_input(),
        }


def merged_pull_request(
    forge: Forge, git: GitRepository, commit: str, default_branch: str
) -> PullRequest:
    """Return the pull request through which a commit came to the default branch.

    Raises:
        RefusedError: there is none: the commit was pushed directly.
        ToolError: the forge does not answer.
    """
    for pull_request in forge.pull_requests_of_commit(commit):
        into_default = pull_request.merged and pull_request.base_ref == default_branch
        if into_default and _brought(forge, git, pull_request, commit):
            return pull_request
    raise RefusedError(
        f"commit {commit[:10]} has no pull request that was merged into {default_branch}: "
        "it was pushed directly",
        hint="open a pull request with the same change; the merge is the only way",
    )


def _brought(forge: Forge, git: GitRepository, pull_request: PullRequest, commit: str) -> bool:
    """Tell whether a commit of the first-parent history came by a merge, not merely before it.

    The forge names pull requests that hold a commit; a later one may hold what an earlier one,
    or a push, had brought.
    """
    merge = pull_request.merge_commit_sha
    if merge is None or merge == commit:
        return merge is not None
    rebased: str | None = merge
    while rebased is not None and not git.is_merge(rebased):
        if rebased == commit:
            return True
        rebased = git.first_parent(rebased)
        if rebased is None or not _belongs(forge, rebased, pull_request):
            return False
    return False


def base_of(
    forge: Forge, git: GitRepository, pull_request: PullRequest, commits: Collection[str]
) -> str | None:
    """Return the commit of the default branch onto which a pull request was merged.

    A merge commit and a squashed one have it as their first parent. A rebase leaves several
    commits, of which an early one could relax what judges the later: it is looked for behind
    all of them.

    Args:
        forge: the forge.
        git: the clone.
        pull_request: the pull request.
        commits: those that it brought, as they were pushed.

    Returns:
        The commit; None: there was none before.

    Raises:
        RefusedError: the merge was made by hand, and stands upon the pull request's own commits.
        ToolError: the forge does not answer.
    """
    commit = pull_request.merge_commit_sha
    base = git.first_parent(commit) if commit else None
    if commit is None or git.is_merge(commit):
        if base in commits:
            raise RefusedError(
                f"the merge {str(commit)[:10]} of pull request #{pull_request.number} was pushed "
                "directly: its first parent is the pull request's own",
                hint="open a pull request with the same change, and merge it on the forge",
            )
        return base
    while base is not None and _belongs(forge, base, pull_request):
        base = git.first_parent(base)
    return base


def _belongs(forge: Forge, commit: str, pull_request: PullRequest) -> bool:
    found = forge.pull_requests_of_commit(commit)
    return any(item.number == pull_request.number for item in found)


def provenance_of(forge: Forge, pull_request: PullRequest, default_branch: str) -> Provenance:
    """Ask the forge for the reviews and commits of a pull request, and derive the approvals.

    Raises:
        ToolError: the forge does not answer.
    """
    commits = forge.commits(pull_request.number)
    reviews = forge.reviews(pull_request.number)
    wrote = {login for item in commits for login in people(item)}
    dispatchers = [name for item in commits for name in _TRAILER.findall(item.message)]
    approvals = derive_approvals(pull_request, reviews, commits, dispatchers)
    if approvals.valid:
        approvals = _without_insiders(forge, pull_request, commits, approvals)
    return Provenance(
        pull_request,
        of_writers(approvals, forge.permission),
        frozenset(item.sha for item in commits),
        tuple(sorted(wrote)),
        dispatchers[-1] if dispatchers else None,
        default_branch,
    )


def _without_insiders(
    forge: Forge,
    pull_request: PullRequest,
    commits: Collection[PullRequestCommit],
    approvals: Approvals,
) -> Approvals:
    """Leave out approvals by who pushed the commits, and those of before it went here."""
    brought = {commit.sha for commit in commits} | {pull_request.head_sha}
    pushes = forge.pushes(pull_request)
    pushers = {push.login for push in pushes if push.login and push.after in brought}
    retargeted = [
        event.created_at
        for event in forge.events(pull_request.number)
        if event.name == "base_ref_changed"
    ]
    return seen_by_others(approvals, pushers, max(retargeted, default=None))
