"""Branch protection: why a merge is not allowed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mergeline.devforge.guards import Rules
    from mergeline.devforge.state import Review, Status

OUT_OF_DATE = "Head branch is not up to date with the base branch."
LAST_PUSHER = "New changes require approval from someone other than the last pusher."


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pull request when it is judged.

    Attributes:
        author: who opened it; their own opinion does not count.
        reviews: all reviews, the oldest first.
        statuses: all statuses of the head, the oldest first.
        writers: who may write to the repository; only their opinions count.
        head: the commit to be merged.
        pusher: who pushed it, if that is known.
        owners: for each CODEOWNERS line in play, its words and the logins that they stand for.
        up_to_date: whether the head has all of the base branch.
    """

    author: str
    reviews: Sequence[Review]
    statuses: Sequence[Status]
    writers: Collection[str]
    head: str
    pusher: str | None
    owners: Mapping[str, frozenset[str]]
    up_to_date: bool

    def opinions(self) -> dict[str, str]:
        """Each writer's standing opinion, but for the author's."""
        opinions = latest_opinions(self.author, self.reviews)
        return {who: state for who, state in opinions.items() if who in self.writers}

    def approvers(self) -> set[str]:
        """Whose standing opinion is an approval."""
        return {who for who, state in self.opinions().items() if state == "APPROVED"}


def blocked_because(rules: Rules, facts: Facts) -> str | None:
    """The first reason not to merge, in GitHub's words, or None."""
    if rules.pull_request_only and (reason := _review_missing(rules, facts)):
        return reason
    if reason := check_missing(rules, facts.statuses):
        return reason
    strict = rules.strict_status_checks and rules.required_status_checks
    return OUT_OF_DATE if strict and not facts.up_to_date else None


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


def check_missing(rules: Rules, statuses: Iterable[Status]) -> str | None:
    """The first required context that is not green."""
    app = rules.status_checks_app
    counted = [s for s in statuses if app is None or s.creator == f"{app}[bot]"]
    states = {status.context: status.state for status in latest_statuses(counted)}
    for context in rules.required_status_checks:
        state = states.get(context)
        if state is None:
            return f'Required status check "{context}" is expected.'
        if state == "pending":
            return f'Required status check "{context}" is pending.'
        if state != "success":
            return f'Required status check "{context}" is failing.'
    return None


def _review_missing(rules: Rules, facts: Facts) -> str | None:
    if "CHANGES_REQUESTED" in facts.opinions().values():
        return "Changes have been requested."
    approvers = facts.approvers()
    if len(approvers) < rules.required_approving_review_count:
        return _approvals_missing(rules.required_approving_review_count)
    if rules.require_code_owner_reviews:
        for words, logins in facts.owners.items():
            if not approvers & logins:
                return f"Waiting on code owner review from {words}."
    if rules.require_last_push_approval and not _seen_by_another(facts):
        return LAST_PUSHER
    return None


def _seen_by_another(facts: Facts) -> bool:
    """Whether somebody who did not push the head approved it as it is."""
    approvers = facts.approvers() - {facts.pusher}
    return any(
        review.author in approvers and (review.state, review.commit_id) == ("APPROVED", facts.head)
        for review in facts.reviews
    )


def _approvals_missing(count: int) -> str:
    if count == 1:
        return "At least 1 approving review is required by reviewers with write access."
    return f"At least {count} approving reviews are required by reviewers with write access."
