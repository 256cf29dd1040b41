from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devforge.workbench import ADA, BO, CY, Clock, Workbench, make_config, make_workbench
from mergeline.devforge import DevelopmentForge
from mergeline.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Workbench]:
    config = make_config(
        required_status_checks=("gate",),
        required_approving_review_count=2,
        dismiss_stale_reviews=True,
    )
    with DevelopmentForge(tmp_path / "forge", config, clock=Clock()) as forge:
        bench = make_workbench(tmp_path, forge)
        bench.branch("change")
        bench.client().create_pull_request(title="t", body="", head="change", base="main")
        yield bench


def merge(bench: Workbench) -> str:
    head = bench.client().pull_request(1).head_sha
    return bench.client().merge_pull_request(1, sha=head)


def approve(bench: Workbench, *users: object) -> None:
    for user in users:
        bench.client(user).create_review(1, event="APPROVE")


def set_gate(bench: Workbench, state: str) -> None:
    head = bench.client().pull_request(1).head_sha
    bench.client().set_status(head, context="gate", state=state, description="")


@pytest.mark.slow
def test_approvals_are_asked_for(strict: Workbench) -> None:
    set_gate(strict, "success")
    approve(strict, BO, BO)
    with pytest.raises(RefusedError, match="At least 2 approving reviews are required"):
        merge(strict)
    approve(strict, CY)
    assert merge(strict)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "word"),
    [(None, "expected"), ("pending", "pending"), ("failure", "failing"), ("error", "failing")],
)
def test_checks_are_asked_for(strict: Workbench, state: str | None, word: str) -> None:
    approve(strict, BO, CY)
    if state:
        set_gate(strict, "success")
        set_gate(strict, state)
    with pytest.raises(RefusedError, match=f'Required status check "gate" is {word}'):
        merge(strict)
    set_gate(strict, "success")
    assert merge(strict)


@pytest.mark.slow
def test_a_request_for_changes_stands_until_its_author_approves(strict: Workbench) -> None:
    set_gate(strict, "success")
    approve(strict, BO, CY)
    cy = strict.client(CY)
    cy.create_review(1, event="REQUEST_CHANGES", body="No.")
    cy.create_review(1, event="COMMENT", body="Really.")
    with pytest.raises(RefusedError, match="Changes have been requested"):
        merge(strict)
    approve(strict, CY)
    assert merge(strict)


def test_a_push_dismisses_approvals_and_leaves_the_check_behind(strict: Workbench) -> None:
    approve(strict, BO, CY)
    set_gate(strict, "success")
    old = strict.client().pull_request(1).head_sha
    strict.commit("more", "1")
    strict.push()
    reviews = strict.client().reviews(1)
    assert [(r.state, r.commit_id) for r in reviews] == [("DISMISSED", old), ("DISMISSED", old)]
    with pytest.raises(RefusedError, match="approving reviews"):
        merge(strict)
    approve(strict, BO, CY)
    with pytest.raises(RefusedError, match="gate"):
        merge(strict)


@pytest.mark.slow
def test_a_dismissal_takes_an_approval_away(strict: Workbench) -> None:
    set_gate(strict, "success")
    approve(strict, BO, CY)
    with strict.http(ADA) as http:
        dismissed = http.put("/pulls/1/reviews/1/dismissals", json={"message": "late"})
        assert dismissed.json()["state"] == "DISMISSED"
        again = http.put("/pulls/1/reviews/1/dismissals", json={"message": "late"})
        assert again.status_code == 422
        assert http.put("/pulls/1/reviews/9/dismissals", json={"message": "x"}).status_code == 404
    with pytest.raises(RefusedError, match="approving reviews"):
        merge(strict)


def test_another_base_is_not_protected(strict: Workbench) -> None:
    strict.git("push", "-q", "origin", "origin/main:refs/heads/side")
    head = strict.branch("into-side")
    client = strict.client()
    number = client.create_pull_request(title="t", body="", head="into-side", base="side").number
    sha = client.merge_pull_request(number, sha=head)
    # Not on the default branch, but merged all the same.
    assert [pull.number for pull in client.pull_requests_of_commit(sha)] == [number]


@pytest.mark.slow
def test_whether_it_can_be_merged_is_said(strict: Workbench) -> None:
    with strict.http() as http:
        assert http.get("/pulls/1").json()["mergeable_state"] == "blocked"
        approve(strict, BO, CY)
        set_gate(strict, "success")
        assert http.get("/pulls/1").json()["mergeable_state"] == "clean"
