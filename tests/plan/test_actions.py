from __future__ import annotations

from typing import Any

import pytest
from tests.plan.workbench import (
    OTHER_SHA,
    SHA,
    TUNABLES,
    Files,
    edited,
    environment,
    model_files,
    release,
    shared_files,
)

from mergeline.plan.planning import Trees, plan_models

CHURN = {**shared_files(), **model_files()}
HOLD = {"reason": "incident 7", "by": "ada", "since": "2024-09-12T10:00:00Z"}


def between(before: dict[str, bytes], after: dict[str, bytes], tunables: Any):
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    trees = Trees(Files(before), Files(after), Files(after))
    models, _ = plan_models(trees, changed, tunables)
    return models


def planned(after: dict[str, bytes], before: dict[str, bytes] = CHURN, tunables: Any = TUNABLES):
    plans = between(before, {**before, **after}, tunables["organization"])
    assert len(plans) <= 1
    return plans[0] if plans else None


def titles(plan) -> list[str]:
    return [action.title for action in plan.actions]


EXPERIMENT = ["validate", "check the data", "train a candidate", "evaluate the candidate"]
PROMOTIONS = ["open the staging pull request", "open the production pull request"]
RELEASED = {**CHURN, **model_files(v0_1_0=release("0.1.0"))}


def test_training_inputs_and_a_higher_version_bring_a_release():
    plan = planned(
        model_files(edited({"training.hyperparameters.C": 0.5, "model.version": "0.2.0"})), RELEASED
    )
    assert titles(plan) == [*EXPERIMENT, "release 0.2.0 on merge", *PROMOTIONS]
    assert [(one.environment, one.count, one.team, one.teams) for one in plan.approvals] == [
        ("staging", 1, "team-x", ()),
        ("production", 2, "team-x", ("team-x", "ml-risk")),
    ]
    assert plan.version.required == "patch"
    assert plan.version.fits
    assert plan.notes == ()


@pytest.mark.parametrize("before", [CHURN, RELEASED], ids=["not released", "released"])
def test_without_a_higher_version_nothing_is_released_and_the_plan_says_why(before):
    plan = planned(model_files(edited({"training.hyperparameters.C": 0.5})), before)
    assert titles(plan) == EXPERIMENT
    assert plan.approvals == ()
    assert plan.notes == (
        "no release: the training inputs changed, but the version is still 0.1.0; "
        "set version to 0.1.1 or higher in model.yaml",
    )
    assert not plan.version.fits


def test_a_version_that_has_no_registry_entry_yet_is_released_by_the_next_merge():
    plan = planned(model_files(edited({"monitoring.drift": []})))
    assert titles(plan) == ["validate", "release 0.1.0 on merge", *PROMOTIONS]
    assert plan.actions[1].reason == "0.1.0 has no release yet"


def test_a_version_that_rises_alone_is_released_unless_it_was():
    plan = planned(model_files(edited({"model.version": "0.1.1"})), RELEASED)
    assert titles(plan) == ["validate", "release 0.1.1 on merge", *PROMOTIONS]
    both = {**RELEASED, **model_files(v0_2_0=release("0.2.0"))}
    plan = planned(model_files(edited({"model.version": "0.2.0"})), both)
    assert plan.notes == ("no release: 0.2.0 is released already; choose another version",)


@pytest.mark.parametrize(
    ("edits", "note"),
    [
        (
            {"training.estimator": "sklearn.svm.SVC", "model.version": "0.1.1"},
            "0.1.0 -> 0.1.1 is less than the changes ask for: a new minor version, 0.2.0 or higher",
        ),
        (
            {"training.hyperparameters.C": 0.5, "model.version": "0.0.9"},
            "no release: the version goes back, 0.1.0 -> 0.0.9",
        ),
        (
            {"model.risk": "low"},
            "the risk becomes low (it was high); later promotions are judged by it",
        ),
        ({"deployment.mode": "batch"}, "the changed deployment takes effect with the next rollout"),
        ({"monitoring.drift": []}, "the changed monitoring takes effect on merge"),
    ],
)
def test_notes(edits, note):
    assert note in planned(model_files(edited(edits)), RELEASED).notes


def test_metadata_alone_asks_for_nothing():
    plan = planned(model_files(edited({"model.description": "Who leaves."})), RELEASED)
    assert titles(plan) == ["validate"]
    assert plan.notes == ("nothing to train: only descriptions, owners, limits or links changed",)


def test_changed_gates_are_evaluated_against_the_champion_without_a_training():
    live = {**RELEASED, **model_files(production=environment("production", "0.1.0"))}
    plan = planned(model_files(edited({"evaluation.metrics.0.threshold": 0.9})), live)
    assert titles(plan) == ["validate", "evaluate against the champion 0.1.0"]
    assert plan.actions[1].reason == "the gates changed; both on the same frozen test set"


def test_changed_expectations_are_checked_without_a_training():
    edits = {"data.datasets.0.expectations": []}
    plan = planned(model_files(edited(edits)), RELEASED)
    assert titles(plan) == ["validate", "check the data", "evaluate the candidate"]


def test_a_release_pull_request_is_applied_and_followed_by_production():
    state = model_files(staging=environment("staging", "0.1.0"), v0_1_0=release("0.1.0"))
    plan = planned(state)
    assert titles(plan) == [
        "validate",
        "apply staging: 0.1.0 (nothing was there)",
        "open the production pull request",
    ]
    assert plan.actions[1].reason == "Release 0.1.0"
    assert plan.notes == ("the registry entry of 0.1.0 is added",)


def test_an_environment_moves_forward_and_back():
    live = {**RELEASED, **model_files(production=environment("production", "0.1.0"))}
    ahead = model_files(production=environment("production", "0.2.0", OTHER_SHA))
    assert titles(planned(ahead, live)) == ["validate", "apply production: 0.2.0 (0.1.0 -> 0.2.0)"]
    back = planned(live, {**live, **ahead})
    assert titles(back) == ["validate", "apply production: 0.1.0 (back from 0.2.0)"]
    assert [(one.environment, one.count) for one in back.approvals] == [("production", 2)]


def test_a_hold_stops_the_promotion_into_its_environment():
    live = {**RELEASED, **model_files(production=environment("production", "0.1.0", hold=HOLD))}
    plan = planned(model_files(staging=environment("staging", "0.2.0", OTHER_SHA)), live)
    assert titles(plan) == ["validate", "apply staging: 0.2.0 (nothing was there)"]
    assert plan.notes == ("production is on hold: nothing is promoted into it",)


def test_putting_a_hold_moves_nothing():
    live = {**RELEASED, **model_files(production=environment("production", "0.1.0"))}
    plan = planned(model_files(production=environment("production", "0.1.0", hold=HOLD)), live)
    assert titles(plan) == ["validate"]
    assert plan.notes == ("production is put on hold",)


def test_edited_history_is_named():
    changed = {**release("0.1.0"), "owner": "team-y"}
    plan = planned(model_files(v0_1_0=changed), RELEASED)
    assert plan.notes == ("the registry entry of 0.1.0 is edited or removed; it is append-only",)


@pytest.mark.parametrize(
    "tunables",
    [
        {"organization": {}},
        {"organization": {"approvals": {"staging": {"high": True}, "production": {"high": "2"}}}},
        {"organization": {"approvals": 3, "approvals_from": {"production": {"high": "owner"}}}},
    ],
)
def test_approvals_that_are_not_said_are_unknown(tunables):
    plan = planned(model_files(edited({"model.version": "0.2.0"})), tunables=tunables)
    assert [one.count for one in plan.approvals] == [None, None]
    assert [one.teams for one in plan.approvals] == [None, None]
    assert plan.approvals[0].reason == (
        "policies/data.yaml of the base has no organization.approvals.staging.high"
    )


def test_a_release_may_wait_for_the_night():
    later = {"training.resources": {"off_peak": True}, "model.version": "0.2.0"}
    plan = planned(model_files(edited(later)), RELEASED)
    assert "release 0.2.0 tonight, off-peak" in titles(plan)


def test_a_new_and_a_removed_model():
    empty = shared_files()
    new = planned(model_files(), empty)
    assert (new.status, new.version.before, new.version.after) == ("added", None, "0.1.0")
    assert titles(new) == [*EXPERIMENT, "release 0.1.0 on merge", *PROMOTIONS]
    [gone] = between(CHURN, empty, {})
    assert (gone.status, gone.version.before, gone.version.after) == ("removed", "0.1.0", None)
    assert gone.actions == ()


def test_a_base_that_does_not_conform_counts_as_nothing():
    broken = {**CHURN, "models/churn/data.yaml": b"kind: Data\n"}
    plan = planned(model_files(), broken)
    assert plan.status == "modified"
    assert plan.notes[-1] == "the base's files do not conform: everything counts as new"


def test_a_head_that_does_not_conform_is_answered_by_findings_alone():
    plan = planned({"models/churn/data.yaml": b"kind: Data\n"})
    assert plan.findings
    assert (plan.status, plan.changes, plan.actions) == ("modified", (), ())
    template = planned({"pipelines/classification.yaml": b"kind: Nonsense\n"})
    assert {finding.location.file for finding in template.findings} == {
        "pipelines/classification.yaml"
    }


def test_no_model_no_plan():
    assert planned({}) is None
    assert between({}, {}, {}) == ()
    assert planned({"models/churn/data.yaml": CHURN["models/churn/data.yaml"] + b"# x\n"}) is None
    assert SHA != OTHER_SHA
