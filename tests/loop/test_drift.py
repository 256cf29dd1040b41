"""The registry changed behind Git's back: one issue, two ways out, and nothing deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loop.world import ADA, BOT, GRACE, MARGARET, MODEL, World
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from mergeline.forge.types import Issue

LABEL = "mergeline-drift"


def registry(world: World) -> MlflowRegistry:
    return MlflowRegistry(resolve(world.clone, {}))


def issues(world: World) -> list[Issue]:
    with world.client(ADA) as forge:
        return forge.issues(labels=[LABEL], state="all")


def drift(world: World, *options: str, expect: int) -> list[tuple[str, str]]:
    answer = world.mergeline(
        "drift", MODEL, *options, "--format", "json", user=BOT, expect=expect
    ).json()
    return [(row["subject"], row["action"]) for row in answer]


@pytest.mark.slow
def test_drift_has_one_issue_that_is_closed_when_it_is_healed(in_production: World) -> None:
    world = in_production
    assert drift(world, "--issues", expect=0) == []
    store = registry(world)
    good = store.find(MODEL, "1.0.0")
    marker = f"<!-- mergeline:drift models/{MODEL}/environments/production.yaml -->"
    with world.client(GRACE) as forge:
        forged = forge.create_issue(title="mine", body=marker, labels=[LABEL])

    store._client.delete_registered_model_alias(MODEL, "production")
    drifted = [("production", "drifted")]
    assert drift(world, expect=1) == drifted
    assert drift(world, "--issues", expect=1) == [("production", "opened"), *drifted]
    assert drift(world, "--issues", expect=1) == drifted
    [issue] = [one for one in issues(world) if one.author == BOT.login]
    assert f"mergeline drift {MODEL} --adopt" in issue.body
    assert "the registry has nothing" in issue.body

    # What is there now differs in another way: the same issue says so.
    store.set_tags(MODEL, good.number, {"mergeline.owner": "nobody"})
    store.set_alias(MODEL, "production", good.number)
    degraded = drift(world, "--issues", expect=1)
    assert ("production", "updated") in degraded
    said = {one.number: one.body for one in issues(world)}
    assert "does not say what its record says" in said[issue.number]

    # Nothing was healed without being asked.
    store.set_tags(MODEL, good.number, {"mergeline.owner": "team-diagnostics"})
    store._client.delete_registered_model_alias(MODEL, "production")
    assert drift(world, "--issues", "--heal", expect=0) == [
        ("staging", "closed"),
        ("production", "moved"),
        ("production", "closed"),
    ]
    assert store.aliases(MODEL)["production"].version == "1.0.0"
    states = {one.number: one.state for one in issues(world)}
    assert states[issue.number] == "closed"
    assert states[forged.number] == "open"


@pytest.mark.slow
def test_what_the_registry_has_is_adopted_by_pull_request_only(two_versions: World) -> None:
    world = two_versions
    store = registry(world)
    store.set_alias(MODEL, "production", store.find(MODEL, "1.0.0").number)
    assert drift(world, "--adopt", expect=1) == [
        ("production", "drifted"),
        ("production", "opened"),
    ]
    assert drift(world, "--adopt", expect=1)[-1] == ("production", "adopted")
    adoption = world.proposed("production-adoption")
    world.mergeline("check", "--pull-request", str(adoption.number), expect=1)
    world.promote("production-adoption", GRACE, MARGARET)
    world.apply()
    assert world.status()["production"]["desired"]["version"] == "1.0.0"


@pytest.mark.slow
def test_what_git_has_no_record_of_is_not_adopted(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    store = registry(world)
    store.set_alias(MODEL, "production", store.find(MODEL, "1.0.0").number)
    refused = world.mergeline("drift", MODEL, "--adopt", user=BOT, expect=1)
    assert "Git has no record of that release" in refused.out
    assert "production" in store.aliases(MODEL)
    assert world.proposed("production-adoption") is None
