"""The loop, end to end: pull request, release, staging, production, drift."""

from __future__ import annotations

import pytest

from loop.world import ADA, BOT, GRACE, MARGARET, MODEL, World
from mergeline.devforge import User
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve


def registry(world: World) -> MlflowRegistry:
    return MlflowRegistry(resolve(world.clone, {}))


@pytest.fixture(params=["embedded", pytest.param("opa", marks=[pytest.mark.opa, pytest.mark.slow])])
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


@pytest.mark.slow
def test_another_environment_than_the_locked_one_releases_nothing(world: World) -> None:
    lockfile = world.clone / "requirements/runtime.txt"
    pinned = next(line for line in lockfile.read_text().splitlines() if line.startswith("numpy=="))
    lockfile.write_text(lockfile.read_text().replace(pinned, "numpy==1.0.0 \\"))
    world.release("1.0.0")

    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)

    assert "this is not the environment of requirements/runtime.txt: numpy " in refused.out
    assert "here, 1.0.0 wanted" in refused.out
    assert "mergeline env check" in refused.out
    assert registry(world).versions(MODEL) == []


@pytest.mark.slow
def test_a_second_version_meets_the_champion_and_drift_is_put_back(in_production: World) -> None:
    world = in_production
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_status_without_an_answer_of_mlflow_is_unknown(world: World) -> None:
    world.monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    told = world.mergeline("status", "--format", "json", expect=3)
    assert {row["sync"] for row in told.json()} == {"unknown"}
    assert "error: MLflow at http://127.0.0.1:9 could not tell the aliases" in told.err


@pytest.mark.slow
def test_a_candidate_below_its_gates_is_not_released(world: World) -> None:
    world.release("1.0.0", evaluation=("threshold: 0.985", "threshold: 0.9999"))
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "1.0.0 is not released: the candidate does not pass" in refused.out
    assert "error[gate-failed]" in refused.out
    assert registry(world).find(MODEL, "1.0.0") is None
    assert world.proposed("staging") is None


@pytest.mark.slow
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
