"""Which merged pull request brought a commit to the default branch, and who approved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError
from mergeline.promotion.approvals import Approvals, derive_approvals

if TYPE_CHECKING:
    from mergeline.forge import Forge
    from mergeline.forge.types import PullRequest


@dataclass(frozen=True, slots=True)
class Provenance:
    """A pull request and what its reviews amount to.

    Attributes:
        pull_request: the pull request.
        approvals: derived from its reviews.
        committers: the logins of those who wrote its commits.
        dispatcher: the login of who set the bot off, or None.
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


def provenance_of(
    forge: Forge, pull_request: PullRequest, dispatcher: str | None, default_branch: str
) -> Provenance:
    """Ask the forge for the reviews and commits of a pull request, and derive the approvals.

    Raises:
        ToolError: the forge does not answer.
    """
    commits = forge.commits(pull_request.number)
    reviews = forge.reviews(pull_request.number)
    people = {login for item in commits for login in (item.author, item.committer) if login}
    return Provenance(
        pull_request,
        derive_approvals(pull_request, reviews, commits, dispatcher),
        tuple(sorted(people)),
        dispatcher,
        default_branch,
    )
