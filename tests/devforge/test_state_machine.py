"""Reviews, dismissals, checks, pushes and merges in any order: the forge against a model."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from devforge.workbench import (
    ADA,
    BO,
    CY,
    REPOSITORY,
    Clock,
    environment,
    make_workbench,
)
from mergeline.devforge import DevelopmentForge, ForgeConfig, Protection
from mergeline.devforge.receive import PUSHER
from mergeline.errors import RefusedError

pytestmark = pytest.mark.slow
EVE = replace(CY, login="eve", email="eve@example.org", token="token-eve", role="read")
ROOT = replace(CY, login="root", email="root@example.org", token="token-root", role="admin")
PEOPLE = {user.login: user for user in (ADA, BO, CY, EVE, ROOT)}
REVIEWERS = ["bo", "cy", "eve"]
WRITERS = {"bo", "cy", "root"}
STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


@dataclass
class Opinion:
    who: str
    state: str
    head: str


class Lifecycle(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.open_parts = ExitStack()
        self.reviews: list[Opinion] = []
        self.checks: dict[str, str] = {}
        self.merged: str | None = None
        self.state = "open"
        self.pusher = "ada"

    @initialize(
        required=st.integers(0, 2),
        dismiss=st.booleans(),
        owners=st.booleans(),
        last_push=st.booleans(),
        admins=st.booleans(),
    )
    def start(
        self, required: int, dismiss: bool, owners: bool, last_push: bool, admins: bool
    ) -> None:
        self.asked = Protection(
            required_status_checks=("gate",),
            required_approving_review_count=required,
            dismiss_stale_reviews=dismiss,
            require_code_owner_reviews=owners,
            require_last_push_approval=last_push,
            enforce_admins=admins,
        )
        config = ForgeConfig(
            REPOSITORY, tuple(PEOPLE.values()), protection=self.asked, teams={"risk": ("cy",)}
        )
        directory = Path(self.open_parts.enter_context(tempfile.TemporaryDirectory()))
        forge = DevelopmentForge(directory / "forge", config, clock=Clock())
        self.bench = make_workbench(directory, self.open_parts.enter_context(forge))
        # As it was before there was any protection.
        self.bench.commit("CODEOWNERS", "* @acme/risk\n")
        owned = self.bench.git("rev-parse", "HEAD")
        self.bench.git("push", "-q", "origin", "HEAD:refs/heads/owned")
        move = ["git", "-C", forge.git_directory, "update-ref", "refs/heads/main", owned]
        subprocess.run(move, check=True)
        self.head = self.bench.branch("change")
        self.clients = {
            user.login: self.open_parts.enter_context(self.bench.client(user))
            for user in PEOPLE.values()
        }
        self.ada = self.clients["ada"]
        self.ada.create_pull_request(title="t", body="", head="change", base="main")

    @rule(who=st.sampled_from(REVIEWERS), event=st.sampled_from([*STATES, "APPROVE", "APPROVE"]))
    def review(self, who: str, event: str) -> None:
        self.clients[who].create_review(1, event=event, body="Because.")
        self.reviews.append(Opinion(who, STATES[event], self.head))

    @rule()
    def approve_oneself(self) -> None:
        with pytest.raises(RefusedError, match="your own"):
            self.ada.create_review(1, event="APPROVE")

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 20), who=st.sampled_from(["bo", "eve"]))
    def dismiss(self, which: int, who: str) -> None:
        number = which % len(self.reviews)
        review = self.reviews[number]
        with self.bench.http(PEOPLE[who]) as http:
            path = f"/pulls/1/reviews/{number + 1}/dismissals"
            status = http.put(path, json={"message": "Old."}).status_code
        if who == "eve":
            assert status == 403
        elif review.state in ("APPROVED", "CHANGES_REQUESTED"):
            assert status == 200
            review.state = "DISMISSED"
        else:
            assert status == 422

    @rule(state=st.sampled_from(["pending", "success", "success", "failure"]))
    def check(self, state: str) -> None:
        self.ada.set_status(self.head, context="gate", state=state, description="")
        self.checks[self.head] = state

    @precondition(lambda self: self.merged is None)
    @rule(who=st.sampled_from(["ada", "bo", "cy"]))
    def push(self, who: str) -> None:
        self.bench.git("commit", "-q", "--allow-empty", "-m", "more")
        assert self.pushes("HEAD:change", who)
        if self.state == "open":
            self.head, self.pusher = self.bench.git("rev-parse", "HEAD"), who
            for review in self.reviews:
                if self.asked.dismiss_stale_reviews and review.state == "APPROVED":
                    review.state = "DISMISSED"

    @rule(who=st.sampled_from(["ada", "eve", "root"]), how=st.sampled_from(["on", "over", "away"]))
    def push_around_the_door(self, who: str, how: str) -> None:
        self.bench.git("fetch", "-q", "origin", "main")
        parent = "FETCH_HEAD" if how == "on" else "FETCH_HEAD~1"
        made = self.bench.git("commit-tree", "FETCH_HEAD^{tree}", "-p", parent, "-m", "round")
        if how == "away":
            assert not self.pushes(":main", "ada")
        else:
            passes = who == "root" and not self.asked.enforce_admins
            # What is forced over the base would make the model follow Git's own history.
            if how == "on" or not passes:
                assert self.pushes(f"{made}:main", who) == passes

    @precondition(lambda self: self.merged is None and self.state == "open")
    @rule()
    def close(self) -> None:
        self.state = self.ada.update_pull_request(1, state="closed").state

    @rule(
        who=st.sampled_from(["bo", "bo", "root"]),
        method=st.sampled_from(["merge", "squash", "rebase"]),
        stale=st.booleans(),
    )
    def merge(self, who: str, method: str, stale: bool) -> None:
        sha = "0" * 40 if stale else self.head
        passes = who == "root" and not self.asked.enforce_admins
        if stale or self.state != "open" or not (passes or self.may_merge()):
            with pytest.raises(RefusedError):
                self.clients[who].merge_pull_request(1, sha=sha, method=method)
        else:
            self.merged = self.clients[who].merge_pull_request(1, sha=sha, method=method)
            self.state = "closed"

    @invariant()
    def the_forge_says_the_same(self) -> None:
        pull = self.ada.pull_request(1)
        assert (pull.state, pull.merge_commit_sha) == (self.state, self.merged)
        assert (pull.head_sha, pull.merged) == (self.head, self.merged is not None)
        said = [Opinion(r.author, r.state, r.commit_id) for r in self.ada.reviews(1)]
        assert said == self.reviews
        if self.merged:
            assert self.ada.pull_requests_of_commit(self.merged) == [pull]

    def pushes(self, refs: str, who: str) -> bool:
        command = ["git", "-C", str(self.bench.clone), "push", "-q", "--force", "origin", refs]
        told = {**environment(), PUSHER: who}
        return subprocess.run(command, env=told, capture_output=True, check=False).returncode == 0

    def may_merge(self) -> bool:
        opinions = {r.who: r.state for r in self.reviews if r.state != "COMMENTED"}
        counted = {who: state for who, state in opinions.items() if who in WRITERS}
        approvers = {who for who, state in counted.items() if state == "APPROVED"}
        asked = self.asked
        seen = {r.who for r in self.reviews if (r.state, r.head) == ("APPROVED", self.head)}
        reviewed = (
            "CHANGES_REQUESTED" not in counted.values()
            and len(approvers) >= asked.required_approving_review_count
            and (not asked.require_code_owner_reviews or "cy" in approvers)
            and (not asked.require_last_push_approval or bool(seen & approvers - {self.pusher}))
        )
        return (reviewed or not asked.pull_request_only) and (
            self.checks.get(self.head) == "success"
        )

    def teardown(self) -> None:
        self.open_parts.close()


TestLifecycle = Lifecycle.TestCase
# Shrinking runs the real forge hundreds of times more; a dozen steps can be read as they are.
TestLifecycle.settings = settings(
    max_examples=settings().max_examples * 6 // 100, stateful_step_count=14, phases=[Phase.generate]
)
