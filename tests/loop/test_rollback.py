"""Back to the last verified release, held there, and forward again: from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from loop.world import ADA, BOT, GRACE, MARGARET, MODEL, SPEC, World
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from mergeline.registry.facts import RegisteredVersion

ROLLBACK = ("rollback", MODEL, "--env", "production", "--reason", "too many alarms")


def registered(world: World, version: str) -> RegisteredVersion:
    found = MlflowRegistry(resolve(world.clone, {})).find(MODEL, version)
    assert found is not None
    return found


def deployment(world: World, version: str, record: str = "deployment") -> dict:
    return json.loads(registered(world, version).tags[f"mergeline.{record}.production"])


def production(world: World) -> dict:
    return yaml.safe_load((world.clone / SPEC / "environments/production.yaml").read_text())


@pytest.mark.slow
def test_a_rollback_restores_the_last_verified_release_and_holds_it(two_versions: World) -> None:
    world = two_versions
    assert "opened" in world.mergeline(*ROLLBACK).out
    assert "adopted" in world.mergeline(*ROLLBACK).out
    proposed = world.proposed("production-rollback")

    refused = world.mergeline("check", "--pull-request", str(proposed.number), expect=1)
    assert "needs 1 approval for high risk in production, has 0" in refused.out
    world.promote("production-rollback", GRACE)
    assert world.apply() == [("staging", "unchanged"), ("production", "moved")]

    assert world.status()["production"]["actual"]["version"] == "1.0.0"
    file = production(world)
    assert file["hold"]["reason"] == "Rolled back from 1.1.0: too many alarms"
    assert file["hold"]["by"] == "ada"
    record = deployment(world, "1.0.0")
    assert (record["change"], record["pull_request"]) == ("rollback", proposed.number)
    assert [(one["reviewer"], one["commit_id"]) for one in record["approvals"]] == [
        ("grace", proposed.head_sha)
    ]
    assert record["policies"].startswith("sha256:")

    # Taken away by hand, the alias is put back by the approval that there was.
    MlflowRegistry(resolve(world.clone, {}))._client.delete_registered_model_alias(
        MODEL, "production"
    )
    assert world.apply() == [("staging", "unchanged"), ("production", "moved")]

    # Nothing rolls forward by itself, and back once more only to a release that is named.
    assert world.apply() == [("staging", "unchanged"), ("production", "unchanged")]
    again = world.mergeline(*ROLLBACK, expect=1)
    assert "came to production by a rollback; none follows by itself" in again.err
    forward = world.mergeline(*ROLLBACK, "--to", "1.1.0", expect=1)
    assert "release 1.1.0 was not verified in production before 1.0.0 came there" in forward.err

    # A promotion waits for the hold to be lifted, which takes as many approvals as it does.
    world.mergeline("promote", MODEL, "--to", "production", user=BOT)
    waiting = world.proposed("production")
    world.approve(waiting, GRACE, MARGARET)
    held = world.mergeline("check", "--pull-request", str(waiting.number), expect=1)
    assert "production is held by ada: Rolled back from 1.1.0: too many alarms" in held.out
    lift = ("hold", MODEL, "--env", "production", "--lift", "--reason", "the alarms were wrong")
    world.mergeline(*lift, user=BOT)
    lifting = world.proposed("production-hold")
    refused = world.mergeline("check", "--pull-request", str(lifting.number), expect=1)
    assert "needs 2 approvals for high risk in production, has 0" in refused.out
    world.promote("production-hold", GRACE, MARGARET)
    assert world.apply() == [
        ("staging", "unchanged"),
        ("production", "updated"),
        ("production", "noted"),
    ]


@pytest.mark.slow
def test_a_release_that_was_never_verified_there_does_not_come_back(in_production: World) -> None:
    world = in_production
    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    world.apply()
    nothing = world.mergeline(*ROLLBACK, expect=1)
    assert "no release was verified in production before 1.0.0 came there" in nothing.err
    assert world.proposed("production-rollback") is None


@pytest.mark.slow
def test_a_claim_of_a_rollback_is_judged_as_the_promotion_it_is(two_versions: World) -> None:
    """Staging's newer release, with words and a hold as if it were a rollback."""
    world = two_versions
    world.mergeline(*ROLLBACK)
    world.promote("production-rollback", GRACE)
    world.apply()
    path = world.clone / SPEC / "environments/production.yaml"
    newer = yaml.safe_load((world.clone / SPEC / "releases/1.1.0.yaml").read_text())
    file = production(world)
    claim = file | {
        "version": "1.1.0",
        "digest": newer["digest"],
        "replaces": file["digest"],
        "reason": "Roll back from 1.0.0: trust me",
    }
    path.write_text(yaml.safe_dump(claim, sort_keys=False))
    world.push("claim")
    pull_request = world.open("claim")
    world.approve(pull_request, GRACE)
    world.merge(pull_request)
    refused = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "needs 2 approvals for high risk in production, has 1" in refused.out
    assert "error[environment-held]" in refused.out
    assert world.status(expect=1)["production"]["actual"]["version"] == "1.0.0"


@pytest.mark.slow
def test_what_was_not_verified_or_does_not_fit_stays_away(two_versions: World) -> None:
    world = two_versions
    store, found = MlflowRegistry(resolve(world.clone, {})), registered(world, "1.0.0")
    as_it_was = found.tags["mergeline.deployment.production"]
    edited = json.dumps(json.loads(as_it_was) | {"commit": world.git("rev-parse", "HEAD")})
    store.set_tags(MODEL, found.number, {"mergeline.deployment.production": edited})
    refused = world.mergeline(*ROLLBACK, expect=1)
    assert "no release was verified in production before 1.1.0 came there" in refused.err
    store.set_tags(MODEL, found.number, {"mergeline.deployment.production": as_it_was})

    world.edit("data.yaml", "{name: mean area, type: float64}", "{name: mean area, type: int64}")
    world.push("other-columns")
    world.merge(world.open("other-columns"))
    refused = world.mergeline(*ROLLBACK, expect=1)
    assert "error[release-does-not-fit]" in refused.out
    assert '1.0.0 reads column "mean area" as float64; it is int64 now' in refused.out
    assert world.proposed("production-rollback") is None


@pytest.mark.slow
def test_a_hold_keeps_the_release_and_its_record(in_production: World) -> None:
    world = in_production
    before = deployment(world, "1.0.0")
    hold = ("hold", MODEL, "--env", "production", "--reason", "an audit")
    assert "opened" in world.mergeline(*hold).out
    assert "adopted" in world.mergeline(*hold).out
    world.mergeline("check", "--pull-request", str(world.proposed("production-hold").number))
    world.promote("production-hold")
    assert world.apply() == [("staging", "unchanged"), ("production", "noted")]
    assert world.apply() == [("staging", "unchanged"), ("production", "unchanged")]
    assert deployment(world, "1.0.0") == before
    assert deployment(world, "1.0.0", "hold")["change"] == "hold"
    assert "is held already" in world.mergeline(*hold, expect=1).err

    # The registry moved by hand is put back while the hold stands.
    store = MlflowRegistry(resolve(world.clone, {}))
    store._client.delete_registered_model_alias(MODEL, "production")
    assert ("production", "moved") in world.apply()
    assert deployment(world, "1.0.0") == before


def test_a_hold_written_by_hand_is_as_good(in_production: World) -> None:
    world = in_production
    path = world.clone / SPEC / "environments/production.yaml"
    hold = "hold:\n  reason: an audit\n  by: ada\n  since: '2026-01-02T03:04:05Z'\n"
    path.write_text(path.read_text().replace("hold: null\n", hold))
    world.push("by-hand")
    world.merge(world.open("by-hand"))
    assert world.apply() == [("staging", "unchanged"), ("production", "noted")]


def test_there_is_nothing_to_hold_or_lift(world: World) -> None:
    hold = ("hold", MODEL, "--env", "production", "--reason", "r")
    assert "has nothing in production" in world.mergeline(*hold, expect=1).err
    told = world.mergeline("hold", "nobody", "--env", "production", "--reason", "r", expect=2)
    assert "nobody" in told.err


@pytest.mark.slow
def test_a_bot_says_who_set_it_off(in_production: World) -> None:
    world = in_production
    hold = ("hold", MODEL, "--env", "production", "--reason", "an audit")
    assert "it is not known who asks for this" in world.mergeline(*hold, user=BOT, expect=2).err
    world.monkeypatch.setenv("MERGELINE_DISPATCHER", ADA.login)
    assert "opened" in world.mergeline(*hold, user=BOT).out
