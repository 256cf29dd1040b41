"""Which approvals count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.forge import PullRequest, PullRequestCommit, Review
from mergeline.promotion.approvals import derive_approvals

HEAD, OLD = "a" * 40, "b" * 40
NOON = datetime(2024, 9, 12, 12, 0, tzinfo=UTC)
MERGED = NOON + timedelta(hours=1)


def pull_request(**changes: object) -> PullRequest:
    facts = {
        "number": 7,
        "title": "t",
        "body": "",
        "state": "closed",
        "merged": True,
        "merged_at": MERGED,
        "merge_commit_sha": "c" * 40,
        "base_ref": "main",
        "base_sha": "d" * 40,
        "head_ref": "b",
        "head_sha": HEAD,
        "author": "Ada",
        "url": "https://example.org/7",
        "draft": False,
    }
    return PullRequest(**{**facts, **changes})


def review(author: str, state: str = "APPROVED", commit: str | None = HEAD, minute: int = 0):
    return Review(author, state, commit, NOON + timedelta(minutes=minute))


COMMITS = [PullRequestCommit(HEAD, "cy", None), PullRequestCommit(OLD, None, "Dee")]


def derive(*reviews: Review):
    return derive_approvals(pull_request(), reviews, COMMITS, ["Eve"])


def test_an_approval_of_the_merged_head_counts() -> None:
    found = derive(review("bo"))
    assert [(item.reviewer, item.commit_id) for item in found.valid] == [("bo", HEAD)]
    assert found.rejected == ()


@pytest.mark.parametrize(
    ("reviews", "reason"),
    [
        ([review("ada")], "is the author of the pull request"),
        ([review("github-actions[bot]")], "is no person"),
        ([review("CY")], "has committed to the pull request"),
        ([review("dee")], "has committed to the pull request"),
        ([review("eve")], "set the bot off"),
        ([review("bo", commit=OLD)], f"approved {OLD[:10]}, but the head is {HEAD[:10]}"),
        (
            [review("bo", commit=None)],
            f"approved a commit that is gone, but the head is {HEAD[:10]}",
        ),
        (
            [review("bo"), review("bo", "CHANGES_REQUESTED", minute=1)],
            "the latest opinion is CHANGES_REQUESTED",
        ),
        ([review("bo", "DISMISSED")], "the latest opinion is DISMISSED"),
        ([review("bo", minute=61)], "gave the opinion after the merge"),
    ],
)
def test_what_does_not_count(reviews: list[Review], reason: str) -> None:
    found = derive(*reviews)
    assert found.valid == ()
    assert [item.reason for item in found.rejected] == [reason]


def test_a_comment_leaves_the_opinion_standing() -> None:
    assert len(derive(review("bo"), review("bo", "COMMENTED", minute=1)).valid) == 1


def test_an_opinion_after_the_merge_does_not_undo_it() -> None:
    assert len(derive(review("bo"), review("bo", "CHANGES_REQUESTED", minute=61)).valid) == 1


def test_approving_again_after_changes_counts_once() -> None:
    found = derive(
        review("bo"), review("bo", "CHANGES_REQUESTED", minute=1), review("Bo", minute=2)
    )
    assert len(found.valid) == 1


people = st.sampled_from(["ada", "bo", "Bo", "cy", "dee", "eve", "flo"])
states = st.sampled_from(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"])
reviews = st.lists(
    st.builds(review, people, states, st.sampled_from([HEAD, OLD, None]), st.integers(0, 90))
)


@given(reviews)
def test_nobody_counts_twice_nor_for_their_own_work(given_reviews: list[Review]) -> None:
    ordered = sorted(given_reviews, key=lambda item: item.submitted_at)
    found = derive(*ordered)
    counted = [item.reviewer.lower() for item in found.valid]
    assert len(counted) == len(set(counted))
    assert not {"ada", "cy", "dee", "eve"} & set(counted)
    for who in counted:
        opinions = [
            item
            for item in ordered
            if item.author.lower() == who
            and item.submitted_at <= MERGED
            and item.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
        ]
        assert opinions[-1].state == "APPROVED"
        assert opinions[-1].commit_id == HEAD
