"""Whose approval counts: derived from the forge's reviews, never from what a run printed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from mergeline.forge.types import PullRequest, PullRequestCommit, Review

_WRITERS = ("admin", "write")
# What the login of an App ends with; no person's can.
_BOT = "[bot]"
# GitHub's own address of an account; what other addresses stand for, its API does not tell.
_CO_AUTHOR = re.compile(
    r"(?mi)^Co-authored-by:.*<(?:\d+\+)?([A-Za-z0-9-]+)@users\.noreply\.[a-z0-9.-]+>\s*$"
)
_OPINIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that counts: by whom, of which commit, when (RFC 3339, or None).

    `teams` are those of the reviewer among the ones that policy asks about.
    """

    reviewer: str
    commit_id: str
    submitted_at: str | None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """An approval that does not count, and why."""

    reviewer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Approvals:
    """What the reviews of a pull request amount to."""

    valid: tuple[Approval, ...]
    rejected: tuple[Rejected, ...]

    def as_input(self) -> dict[str, Any]:
        """Return the approvals as policies see them."""
        return {
            "approvals": [
                {
                    "reviewer": item.reviewer,
                    "commit_id": item.commit_id,
                    "submitted_at": item.submitted_at,
                    "teams": list(item.teams),
                }
                for item in self.valid
            ],
            "rejected_approvals": [
                {"reviewer": item.reviewer, "reason": item.reason} for item in self.rejected
            ],
        }


def derive_approvals(
    pull_request: PullRequest,
    reviews: Iterable[Review],
    commits: Iterable[PullRequestCommit],
    dispatchers: Collection[str],
) -> Approvals:
    """Tell which approvals count.

    An approval counts if it is the reviewer's latest opinion, of the head that was (or would
    be) merged, given before the merge, and the reviewer is a person, and neither the author nor
    a committer of the pull request nor who set the bot off. A comment is no opinion and leaves
    the last one standing.

    Args:
        pull_request: the pull request.
        reviews: its reviews, oldest first.
        commits: its commits.
        dispatchers: the logins of those who set the bot off to make its commits.
    """
    latest: dict[str, Review] = {}
    late: list[Rejected] = []
    for review in reviews:
        if review.state not in _OPINIONS:
            continue
        if _after_the_merge(pull_request, review):
            late.append(Rejected(review.author, "gave the opinion after the merge"))
        else:
            latest[review.author.lower()] = review
    behind = {login.lower() for login in dispatchers}
    wrote = {login.lower() for commit in commits for login in people(commit)}
    valid, rejected = [], []
    for who, review in sorted(latest.items()):
        reason = _reason(pull_request, review, who, wrote, behind)
        if reason:
            rejected.append(Rejected(review.author, reason))
        else:
            when = review.submitted_at.isoformat() if review.submitted_at else None
            valid.append(Approval(review.author, pull_request.head_sha, when))
    return Approvals(tuple(valid), (*rejected, *late))


def seen_by_others(
    approvals: Approvals, pushers: Collection[str], retargeted: datetime | None
) -> Approvals:
    """Leave out who pushed to the branch, and what was seen against another base.

    Args:
        approvals: those of a pull request.
        pushers: the logins of those who pushed its commits, whatever names these bear.
        retargeted: when it was last pointed at another branch; None: never. What a reviewer is
            shown is the difference to the base.
    """
    pushed = {login.lower() for login in pushers}
    stale = {
        item.reviewer
        for item in approvals.valid
        if retargeted and not (item.submitted_at and _moment(item.submitted_at) > retargeted)
    }
    out = [
        Rejected(item.reviewer, "has pushed to the pull request")
        for item in approvals.valid
        if item.reviewer.lower() in pushed
    ]
    out += [
        Rejected(reviewer, "approved it when it went into another branch")
        for reviewer in sorted(stale)
        if reviewer.lower() not in pushed
    ]
    gone = {item.reviewer for item in out}
    return replace(
        approvals,
        valid=tuple(item for item in approvals.valid if item.reviewer not in gone),
        rejected=(*approvals.rejected, *out),
    )


def of_writers(approvals: Approvals, permission: Callable[[str], str]) -> Approvals:
    """Leave out approvals of those who may only read: on a public repository anybody can give one.

    Args:
        approvals: those of a pull request.
        permission: asks the forge what a login may do in the repository.

    Raises:
        ToolError: the forge does not tell: unknown is no.
    """
    may = {item.reviewer: permission(item.reviewer) in _WRITERS for item in approvals.valid}
    strangers = [
        Rejected(reviewer, "may not write to the repository")
        for reviewer, writes in may.items()
        if not writes
    ]
    return replace(
        approvals,
        valid=tuple(item for item in approvals.valid if may[item.reviewer]),
        rejected=(*approvals.rejected, *strangers),
    )


def _after_the_merge(pull_request: PullRequest, review: Review) -> bool:
    """Opinions that came later neither helped the merge nor undo it."""
    merged, given = pull_request.merged_at, review.submitted_at
    return merged is not None and given is not None and given > merged


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def people(commit: PullRequestCommit) -> list[str]:
    """Return the logins of author, committer and, where their addresses say it, co-authors."""
    found = [login for login in (commit.author, commit.committer) if login]
    return [*found, *_CO_AUTHOR.findall(commit.message)]


def _reason(
    pull_request: PullRequest,
    review: Review,
    who: str,
    wrote: Collection[str],
    dispatchers: Collection[str],
) -> str | None:
    if review.state != "APPROVED":
        return f"the latest opinion is {review.state}"
    if who.endswith(_BOT):
        return "is no person"
    if who == pull_request.author.lower():
        return "is the author of the pull request"
    if who in wrote:
        return "has committed to the pull request"
    if who in dispatchers:
        return "set the bot off"
    if review.commit_id != pull_request.head_sha:
        seen = review.commit_id[:10] if review.commit_id else "a commit that is gone"
        return f"approved {seen}, but the head is {pull_request.head_sha[:10]}"
    return None
