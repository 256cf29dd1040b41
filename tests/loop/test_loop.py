"""The loop, end to end: pull request, release, staging, production, drift."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from loop.world import ADA, BOT, GRACE, MARGARET, MODEL, SPEC, World
from mergeline.devforge import User
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from pathlib import Path


def registry(world: World) -> MlflowRegistry:
    return MlflowRegistry(resolve(world.clone, {}))


@pytest.fixture(params=["embedded", pytest.param("opa", marks=pytest.mark.opa)])
def judged_world(request: pytest.FixtureRequest, world: World) -> World:
    """The world, its policies evaluated by each engine."""
    if request.param == "opa":
        world.monkeypatch.setenv("MERGELINE_POLICY_ENGINE", "opa")
        world.monkeypatch.setenv("MERGELINE_OPA", request.getfixturevalue("opa"))
    return world


def test_the_whole_loop(judged_world: World) -> None:
    world = judged_world
    assert {row["sync"] for row in world.status().values()} == {"synced"}

    merge = world.release("1.0.0")
    assert world.apply() == [("release", "released"), ("staging", "opened")]
    assert world.apply() == [("release", "released"), ("staging", "adopted")]
    assert registry(world).aliases(MODEL)["candidate"].tags["mergeline.commit"] == merge

    world.promote("staging")
    assert world.apply() == [("staging", "moved"), ("production", "opened")]
    assert world.apply() == [("staging", "unchanged"), ("production", "adopted")]

    waiting = world.proposed("production")
    refused = world.mergeline("check", "--pull-request", str(waiting.number), expect=1)
    assert "needs 2 approvals" in refused.out
    world.approve(waiting, GRACE, MARGARET)
    world.mergeline("check", "--pull-request", str(waiting.number))
    world.merge(waiting)
    assert world.apply() == [("staging", "unchanged"), ("production", "moved")]
    assert world.apply() == [("staging", "unchanged"), ("production", "unchanged")]

    status = world.status()
    assert status["staging"]["actual"] == status["production"]["actual"]
    assert status["production"]["desired"] == status["production"]["actual"]
    assert {row["health"] for row in status.values()} == {"healthy"}

    # What Git says is in production is what MLflow itself loads by the alias.
    import mlflow.sklearn

    loaded = mlflow.sklearn.load_model(f"models:/{MODEL}@production")
    assert loaded.steps[-1][1].get_params()["C"] == 1.0


def test_a_second_version_meets_the_champion_and_drift_is_put_back(world: World) -> None:
    world.at_production()
    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    result = world.mergeline("run", MODEL, "--format", "json").json()
    assert result["champion"]["version"] == "1.0.0"
    assert all(row["passed"] is not False for row in result["comparison"])
    world.apply()
    world.promote("staging")
    world.apply()
    world.promote("production", GRACE, MARGARET)
    world.apply()

    store = registry(world)
    store.set_alias(MODEL, "production", store.find(MODEL, "1.0.0").number)
    moved = world.status(expect=1)["production"]
    assert (moved["sync"], moved["actual"]["version"]) == ("out_of_sync", "1.0.0")
    assert world.apply() == [("staging", "unchanged"), ("production", "moved")]
    assert world.status()["production"]["actual"]["version"] == "1.1.0"

    # A tag edited by hand is seen, and stops the next move.
    found = store.find(MODEL, "1.1.0")
    store.set_tags(MODEL, found.number, {"mergeline.owner": "nobody"})
    assert world.status()["production"]["health"] == "degraded"
    store.set_alias(MODEL, "production", store.find(MODEL, "1.0.0").number)
    assert ("production", "refused") in world.apply(expect=1)


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_other_kinds_of_merge_are_traced_too(world: World, method: str) -> None:
    merge = world.release("1.0.0", method=method)
    assert world.apply() == [("release", "released"), ("staging", "opened")]
    tags = registry(world).aliases(MODEL)["candidate"].tags
    assert tags["mergeline.commit"] == merge
    world.promote("staging")
    assert world.apply()[0] == ("staging", "moved")


def test_the_status_of_a_model_that_does_not_conform_is_unknown(world: World) -> None:
    world.edit("model.yaml", "risk: high", "risk: hihg")
    world.git("commit", "--quiet", "--all", "--message", "a slip")
    world.git("push", "--quiet", "origin", "main")
    told = world.mergeline("status", "--format", "json", expect=1)
    assert [(row["sync"], row["desired"]) for row in told.json()] == [("unknown", None)] * 2
    assert "error[unknown-value]" in told.err


def test_the_status_without_an_answer_of_mlflow_is_unknown(world: World) -> None:
    world.monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    told = world.mergeline("status", "--format", "json", expect=3)
    assert {row["sync"] for row in told.json()} == {"unknown"}
    assert "error: MLflow at http://127.0.0.1:9 could not tell the aliases" in told.err


def test_a_direct_push_is_refused(world: World) -> None:
    world.edit("model.yaml", "version: 0.1.0", "version: 1.0.0")
    world.git("commit", "--quiet", "--all", "--message", "in a hurry")
    world.git("push", "--quiet", "origin", "main")
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "has no pull request that was merged into main: it was pushed directly" in refused.out
    assert registry(world).aliases(MODEL) == {}


def test_production_merged_without_approvals_is_refused(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    world.apply()
    world.promote("production", GRACE)
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "needs 2 approvals" in refused.out
    assert "has 1" in refused.out
    assert "production" not in registry(world).aliases(MODEL)
    assert world.status(expect=1)["production"]["actual"] is None


def test_a_direct_push_to_an_environment_is_refused(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    world.apply()
    staging = (world.clone / SPEC / "environments/staging.yaml").read_text()
    production = staging.replace("name: staging", "name: production")
    (world.clone / SPEC / "environments/production.yaml").write_text(production)
    world.git("add", "--all")
    world.git("commit", "--quiet", "--message", "straight to production")
    world.git("push", "--quiet", "origin", "main")
    assert ("production", "refused") in world.apply(expect=1)
    assert "production" not in registry(world).aliases(MODEL)


def test_a_candidate_below_its_gates_is_not_released(world: World) -> None:
    world.release("1.0.0", evaluation=("threshold: 0.985", "threshold: 0.9999"))
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "1.0.0 is not released: the candidate does not pass" in refused.out
    assert "error[gate-failed]" in refused.out
    assert registry(world).find(MODEL, "1.0.0") is None
    assert world.proposed("staging") is None


def test_an_artifact_changed_by_a_byte_is_refused(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    stored = next((world.clone / ".mergeline/artifacts").rglob("model.skops"))
    stored.write_bytes(stored.read_bytes() + b"\0")
    world.promote("staging")
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "error[artifact-digest]" in refused.out
    assert "staging" not in registry(world).aliases(MODEL)


def test_a_pull_request_cannot_relax_its_own_judge(world: World) -> None:
    """The policies that count are those of the base: the edit is judged by what it removes."""
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    for path in (world.clone / "policies/change").glob("*.rego"):
        path.unlink()
    lax = 'package mergeline.change\n\ndeny contains "never" if false\n\nwarn := deny\n'
    (world.clone / "policies/change/version.rego").write_text(lax)
    world.edit("training.yaml", "C: 1.0", "C: 0.5")
    world.push("relax")
    pull_request = world.open("relax")
    refused = world.mergeline("check", "--pull-request", str(pull_request.number), expect=1)
    assert "error[version-not-raised]" in refused.out


def test_a_stale_promotion_is_told_to_plan_again(world: World) -> None:
    """`replaces` is compare-and-swap: a change that expects another state is refused."""
    world.at_production()
    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    world.apply()
    path = world.clone / SPEC / "environments/staging.yaml"
    proposed = world.proposed("staging")
    world.git("fetch", "--quiet", "origin")
    world.git("switch", "--quiet", "--detach", f"origin/{proposed.head_ref}")
    text = path.read_text()
    stale = re.sub(r"(?m)^replaces: .*$", f"replaces: sha256:{'0' * 64}", text)
    path.write_text(stale)
    world.push("stale")
    world.merge(world.open("stale"))
    assert ("staging", "refused") in world.apply(expect=1)
    assert world.status(expect=1)["staging"]["actual"]["version"] == "1.0.0"


def test_a_rebased_pull_request_cannot_relax_its_judge_in_an_earlier_commit(
    world: World,
) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    world.apply()
    proposed = world.proposed("production")
    world.git("fetch", "--quiet", "origin")
    world.git("switch", "--quiet", "--create", "two-commits", "main")
    policies = world.clone / "policies/data.yaml"
    policies.write_text(policies.read_text().replace("high: 2}", "high: 0}"))
    world.git("commit", "--quiet", "--all", "--message", "nobody needs to approve")
    world.git("checkout", "--quiet", f"origin/{proposed.head_ref}", "--", SPEC)
    world.git("commit", "--quiet", "--all", "--message", "to production")
    world.git("push", "--quiet", "origin", "two-commits")
    world.merge(world.open("two-commits"), method="rebase")
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "needs 2 approvals for high risk in production, has 0" in refused.out
    assert "production" not in registry(world).aliases(MODEL)


def test_a_record_edited_on_its_way_in_is_refused(world: World) -> None:
    """Metrics that look better than they were, in the pull request that adds the record."""
    world.release("1.0.0")
    world.apply()
    proposed = world.proposed("staging")
    world.git("fetch", "--quiet", "origin")
    world.git("switch", "--quiet", "--detach", f"origin/{proposed.head_ref}")
    path = world.clone / SPEC / "releases/1.0.0.yaml"
    edited, count = re.subn(r"(?m)^  value: 0\.9\d+$", "  value: 0.9999", path.read_text(), count=1)
    assert count == 1
    path.write_text(edited)
    world.git("commit", "--quiet", "--all", "--message", "round up")
    world.git("push", "--quiet", "origin", f"HEAD:{proposed.head_ref}")
    world.git("switch", "--quiet", "main")
    world.merge(world.proposed("staging"))
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "error[release-edited]" in refused.out
    assert "staging" not in registry(world).aliases(MODEL)


def test_who_set_the_bot_off_does_not_approve_what_it_proposes(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    world.monkeypatch.setenv("MERGELINE_DISPATCHER", "grace")
    world.apply()
    world.monkeypatch.delenv("MERGELINE_DISPATCHER")
    proposed = world.proposed("production")
    world.approve(proposed, GRACE, MARGARET)
    refused = world.mergeline("check", "--pull-request", str(proposed.number), expect=1)
    assert "needs 2 approvals for high risk in production, has 1" in refused.out
    world.approve(proposed, ADA)
    world.mergeline("check", "--pull-request", str(proposed.number))
    world.merge(proposed, user=GRACE)
    assert ("production", "moved") in world.apply()


def test_promote_adopts_and_leaves_people_alone(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    first = world.mergeline("promote", MODEL, "--to", "production", user=BOT)
    assert "opened" in first.out
    assert "adopted" in world.mergeline("promote", MODEL, "--to", "production", user=BOT).out
    pull_request = world.proposed("production")
    world.git("fetch", "--quiet", "origin")
    world.git("switch", "--quiet", "--detach", f"origin/{pull_request.head_ref}")
    # Anybody can commit under the bot's name and address.
    impostor = User("ada", "mergeline", BOT.email, ADA.token)
    edited = ("commit", "--quiet", "--allow-empty", "--message", "a word from a person")
    world.git(*edited, user=impostor)
    world.git("push", "--quiet", "origin", f"HEAD:{pull_request.head_ref}")
    world.git("switch", "--quiet", "main")
    assert "left alone" in world.mergeline("promote", MODEL, "--to", "production", user=BOT).out
    unknown = world.mergeline(
        "promote", MODEL, "--to", "production", "--version", "9.9.9", expect=1
    )
    assert "has no release 9.9.9" in unknown.err


def test_an_apply_that_is_killed_converges(world: World, tmp_path: Path) -> None:
    """Killed for real, ever later, until one lives to its end: the state is as if never."""
    world.release("1.0.0")
    kills, log = 0, tmp_path / "apply.log"
    for moment in itertools.count(start=0.5, step=0.9):
        output = log.open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "mergeline", "-C", str(world.clone), "apply", MODEL],
            env=os.environ | {"GITHUB_TOKEN": BOT.token},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            assert process.wait(timeout=moment) == 0, log.read_text()
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills > 1
    assert world.apply()[-1] == ("staging", "adopted")
    versions = registry(world).versions(MODEL)
    assert [item.version for item in versions] == ["1.0.0"]
    assert registry(world).aliases(MODEL)["candidate"].number == versions[0].number
    assert world.git("worktree", "list", "--porcelain").count("worktree ") == 1
