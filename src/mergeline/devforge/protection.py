"""Branch protection: why a merge is not allowed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.devforge.guards import Protection
    from mergeline.devforge.state import Review, Status


def blocked_because(
    protection: Protection, author: str, reviews: Iterable[Review], statuses: Iterable[Status]
) -> str | None:
    """The first reason not to merge, in GitHub's words, or None.

    Args:
        protection: what the base branch asks for.
        author: who opened the pull request; their own opinion does not count.
        reviews: all reviews, the oldest first.
        statuses: all statuses of the head, the oldest first.
    """
    opinions = latest_opinions(author, reviews).values()
    if "CHANGES_REQUESTED" in opinions:
        return "Changes have been requested."
    required = protection.required_approving_review_count
    if list(opinions).count("APPROVED") < required:
        return _approvals_missing(required)
    return _check_missing(protection.required_status_checks, statuses)


def latest_opinions(author: str, reviews: Iterable[Review]) -> dict[str, str]:
    """Each reviewer's standing opinion: a comment does not change it, a dismissal ends it."""
    opinions: dict[str, str] = {}
    for review in reviews:
        if review.author != author and review.state != "COMMENTED":
            opinions[review.author] = review.state
    return opinions


def latest_statuses(statuses: Iterable[Status]) -> list[Status]:
    """The newest status of each context."""
    return list({status.context: status for status in statuses}.values())


def _approvals_missing(count: int) -> str:
    if count == 1:
        return "At least 1 approving review is required by reviewers with write access."
    return f"At least {count} approving reviews are required by reviewers with write access."


def _check_missing(contexts: Iterable[str], statuses: Iterable[Status]) -> str | None:
    states = {status.context: status.state for status in latest_statuses(statuses)}
    for context in contexts:
        state = states.get(context)
        if state is None:
            return f'Required status check "{context}" is expected.'
        if state == "pending":
            return f'Required status check "{context}" is pending.'
        if state != "success":
            return f'Required status check "{context}" is failing.'
    return None
