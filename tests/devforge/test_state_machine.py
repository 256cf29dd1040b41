"""Reviews, checks, pushes and merges in any order: the forge against a model of the rules."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from devforge.workbench import ADA, BO, CY, Clock, make_config, make_workbench
from mergeline.devforge import DevelopmentForge
from mergeline.errors import RefusedError

REVIEWERS = {"bo": BO, "cy": CY}
STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


class Lifecycle(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.open_parts = ExitStack()
        self.reviews: list[list[str]] = []
        self.checks: dict[str, str] = {}
        self.merged: str | None = None
        self.state = "open"

    @initialize(dismiss=st.booleans(), required=st.integers(0, 2))
    def start(self, dismiss: bool, required: int) -> None:
        self.dismiss, self.required = dismiss, required
        directory = Path(self.open_parts.enter_context(tempfile.TemporaryDirectory()))
        config = make_config(
            required_status_checks=("gate",),
            required_approving_review_count=required,
            dismiss_stale_reviews=dismiss,
        )
        forge = DevelopmentForge(directory / "forge", config, clock=Clock())
        self.bench = make_workbench(directory, self.open_parts.enter_context(forge))
        self.head = self.bench.branch("change")
        self.clients = {
            user.login: self.open_parts.enter_context(self.bench.client(user))
            for user in (ADA, BO, CY)
        }
        self.ada = self.clients["ada"]
        self.ada.create_pull_request(title="t", body="", head="change", base="main")

    @rule(who=st.sampled_from(sorted(REVIEWERS)), event=st.sampled_from(sorted(STATES)))
    def review(self, who: str, event: str) -> None:
        self.clients[who].create_review(1, event=event, body="Because.")
        self.reviews.append([who, STATES[event], self.head])

    @rule(state=st.sampled_from(["pending", "success", "success", "failure"]))
    def check(self, state: str) -> None:
        self.ada.set_status(self.head, context="gate", state=state, description="")
        self.checks[self.head] = state

    @precondition(lambda self: self.merged is None)
    @rule()
    def push(self) -> None:
        self.bench.git("commit", "-q", "--allow-empty", "-m", "more")
        tip = self.bench.push()
        if self.state == "open":
            self.head = tip
            if self.dismiss:
                for review in self.reviews:
                    review[1] = "DISMISSED" if review[1] == "APPROVED" else review[1]

    @precondition(lambda self: self.merged is None and self.state == "open")
    @rule()
    def close(self) -> None:
        self.state = self.ada.update_pull_request(1, state="closed").state

    @rule(method=st.sampled_from(["merge", "squash", "rebase"]), stale=st.booleans())
    def merge(self, method: str, stale: bool) -> None:
        sha = "0" * 40 if stale else self.head
        if stale or not self.may_merge():
            with pytest.raises(RefusedError):
                self.clients["bo"].merge_pull_request(1, sha=sha, method=method)
        else:
            self.merged = self.clients["bo"].merge_pull_request(1, sha=sha, method=method)
            self.state = "closed"

    @invariant()
    def the_forge_says_the_same(self) -> None:
        pull = self.ada.pull_request(1)
        assert (pull.state, pull.merge_commit_sha) == (self.state, self.merged)
        assert (pull.head_sha, pull.merged) == (self.head, self.merged is not None)
        said = [[r.author, r.state, r.commit_id] for r in self.ada.reviews(1)]
        assert said == self.reviews
        if self.merged:
            assert self.ada.pull_requests_of_commit(self.merged) == [pull]

    def may_merge(self) -> bool:
        opinions = {who: state for who, state, _ in self.reviews if state != "COMMENTED"}
        return (
            self.state == "open"
            and "CHANGES_REQUESTED" not in opinions.values()
            and list(opinions.values()).count("APPROVED") >= self.required
            and self.checks.get(self.head) == "success"
        )

    def teardown(self) -> None:
        self.open_parts.close()


TestLifecycle = Lifecycle.TestCase
# Shrinking runs the real forge hundreds of times more; a dozen steps can be read as they are.
TestLifecycle.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, phases=[Phase.generate]
)
