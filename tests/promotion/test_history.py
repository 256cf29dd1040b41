"""What came to an environment before what, and what of it was verified."""

from __future__ import annotations

import json

import pytest

from mergeline.promotion.deployments import Deployed, deployed
from mergeline.promotion.history import History, Wanted
from mergeline.registry.facts import RegisteredVersion

OLD_TAG = {
    "commit": "c1",
    "pull_request": 7,
    "author": "ada",
    "approved_by": ["grace"],
    "applied_at": "2024-09-12T10:00:00+00:00",
}


def history(*digests: str) -> History:
    """The file said these digests, one commit after another."""
    return History(
        "production",
        tuple(Wanted(f"c{index}", f"v-{one}", one) for index, one in enumerate(digests)),
    )


def version(**tag: object) -> RegisteredVersion:
    tags = {"mergeline.deployment.production": json.dumps(OLD_TAG | tag)}
    return RegisteredVersion(1, "1.0.0", "a", tags)


@pytest.mark.parametrize(
    ("digests", "now", "earlier"),
    [
        ("a", "a", []),
        ("ab", "b", ["a"]),
        ("abc", "c", ["b", "a"]),
        # A hold is a commit of the same release.
        ("aabb", "b", ["a"]),
        # After a rollback the later one is no earlier one.
        ("aba", "a", []),
        ("abac", "c", ["b", "a"]),
        ("ab", "unheard", []),
    ],
)
def test_earlier_is_what_first_came_before(digests: str, now: str, earlier: list[str]) -> None:
    assert [one.digest for one in history(*digests).earlier(now)] == earlier


@pytest.mark.parametrize(
    ("digests", "back"),
    [("a", False), ("ab", False), ("aba", True), ("abaa", True), ("aab", False)],
)
def test_a_release_that_is_here_again_came_back(digests: str, back: bool) -> None:
    assert history(*digests).came_back is back


def test_a_release_is_verified_by_a_commit_that_asked_for_it() -> None:
    seen = history("a", "b")
    assert seen.verified("a", version(commit="c0"))
    assert not seen.verified("a", version(commit="c1"))
    assert not seen.verified("a", version(commit="elsewhere"))
    assert not seen.verified("a", RegisteredVersion(1, "1.0.0", "a", {}))
    assert not seen.verified("a", None)
    assert not History("staging", seen.entries).verified("a", version(commit="c0"))


def test_what_older_versions_wrote_is_read() -> None:
    found = deployed(version(), "production")
    assert found is not None
    assert (found.commit, found.approved_by, found.approvals) == ("c1", ("grace",), ())
    assert (found.change, found.policies, found.issue) == ("promotion", None, None)


@pytest.mark.parametrize(
    "tag", [{"applied_at": "yesterday"}, {"approved_by": "grace"}, {"commit": None}]
)
def test_an_edited_tag_counts_as_none(tag: dict[str, object]) -> None:
    assert deployed(version(**tag), "production") is None


def test_a_deployment_is_read_as_it_was_written() -> None:
    made = Deployed(
        commit="c", pull_request=1, author="a", approved_by=(), applied_at="2024-09-12T10:00:00Z"
    )
    assert (
        deployed(RegisteredVersion(1, "1", "d", made.as_tags("staging", "hold")), "staging") is None
    )
    kept = RegisteredVersion(1, "1", "d", made.as_tags("staging", "hold"))
    assert deployed(kept, "staging", "hold") == made
    assert deployed(kept, "staging", "hold", "c") == made
    assert deployed(kept, "staging", "hold", "d") is None
