"""Which merged pull request brought a commit to the default branch, and who approved it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError
from mergeline.promotion.approvals import Approvals, derive_approvals, of_writers
from mergeline.promotion.proposal import DISPATCHER_TRAILER

if TYPE_CHECKING:
    from mergeline.forge import Forge
    from mergeline.forge.types import PullRequest
    from mergeline.git import GitRepository


_TRAILER = re.compile(rf"(?m)^{DISPATCHER_TRAILER}: (\S+)$")


@dataclass(frozen=True, slots=True)
class Provenance:
    """A pull request and what its reviews amount to.

    Attributes:
        pull_request: the pull request.
        approvals: derived from its reviews.
        committers: the logins of those who wrote its commits.
        dispatcher: the login of who set the bot off to make its newest commit, or None.
        default_branch: of the repository.
    """

    pull_request: PullRequest
    approvals: Approvals
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


def merged_pull_request(forge: Forge, commit: str, default_branch: str) -> PullRequest:
    """Return the pull request through which a commit came to the default branch.

    Raises:
        RefusedError: there is none: the commit was pushed directly.
        ToolError: the forge does not answer.
    """
    for pull_request in forge.pull_requests_of_commit(commit):
        if pull_request.merged and pull_request.base_ref == default_branch:
            return pull_request
    raise RefusedError(
        f"commit {commit[:10]} has no pull request that was merged into {default_branch}: "
        "it was pushed directly",
        hint="open a pull request with the same change; the merge is the only way",
    )


def base_of(forge: Forge, git: GitRepository, pull_request: PullRequest) -> str | None:
    """Return the commit of the default branch onto which a pull request was merged.

    A merge commit and a squashed one have it as their first parent. A rebase leaves several
    commits, of which an early one could relax what judges the later: it is looked for behind
    all of them.

    Returns:
        The commit; None: there was none before.

    Raises:
        ToolError: the forge does not answer.
    """
    commit = pull_request.merge_commit_sha
    if commit is None or git.is_merge(commit):
        return git.first_parent(commit) if commit else None
    base = git.first_parent(commit)
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
    people = {login for item in commits for login in (item.author, item.committer) if login}
    dispatchers = [name for item in commits for name in _TRAILER.findall(item.message)]
    return Provenance(
        pull_request,
        of_writers(derive_approvals(pull_request, reviews, commits, dispatchers), forge.permission),
        tuple(sorted(people)),
        dispatchers[-1] if dispatchers else None,
        default_branch,
    )
