"""What cannot wait: named gates set aside, and red until somebody has followed it up."""

from __future__ import annotations

import json

import pytest

from loop.world import BOT, GRACE, MARGARET, MODEL, World
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

pytestmark = pytest.mark.slow
REASON = "cards of a whole bank are refused since noon"
PROMOTE = ("promote", MODEL, "--to", "production", "--emergency", "--reason", REASON)
TAG = "mergeline.deployment.production"
SOAK = ("soak: 0s", "soak: 7d")


def test_an_emergency_waives_what_it_names_and_is_followed_up(world: World) -> None:
    world.release("1.0.0", deployment=SOAK)
    world.apply()
    world.promote("staging")
    world.apply()
    nothing = world.mergeline(*PROMOTE, expect=1)
    assert "the emergency waives nothing" in nothing.err
    assert "soak-too-short" in nothing.err
    refused = world.mergeline(*PROMOTE, "--waive", "digest-differs-from-registry", expect=1)
    assert "cannot waive digest-differs-from-registry" in refused.err
    no_reason = world.mergeline(*PROMOTE[:-2], "--waive", "soak-too-short", expect=2)
    assert "--emergency asks for --reason" in no_reason.err

    waive = ("--waive", "soak-too-short", "--waive", "approvals-missing")
    assert "opened" in world.mergeline(*PROMOTE, *waive).out
    assert "adopted" in world.mergeline(*PROMOTE, *waive).out
    proposed = world.proposed("production-emergency")
    told = world.mergeline("check", "--pull-request", str(proposed.number), expect=1)
    assert "warning[emergency-declared]" in told.out
    assert "needs 1 approval for high risk in production, has 0" in told.out
    assert "soak-too-short]" not in told.out

    world.promote("production-emergency", GRACE)
    red = world.mergeline("apply", MODEL, user=BOT, expect=1)
    assert "nothing -> 1.0.0" in red.out
    assert "error[emergency-open]" in red.out
    assert world.status(expect=1)["production"]["sync"] == "synced"
    assert world.apply(expect=1)[-1] == ("production", "unchanged")

    # Killed before the deployment was written down: the same issue is found again.
    store = MlflowRegistry(resolve(world.clone, {}))
    number = store.aliases(MODEL)["production"].number
    store._client.delete_model_version_tag(MODEL, str(number), TAG)
    store._client.delete_registered_model_alias(MODEL, "production")
    assert world.apply(expect=1)[-1] == ("production", "moved")
    # The issue taken out of the tag by hand: Git still knows of the emergency.
    kept = store.aliases(MODEL)["production"].tags[TAG]
    store.set_tags(MODEL, number, {TAG: json.dumps(json.loads(kept) | {"issue": None})})
    told = world.mergeline("status", MODEL, expect=1)
    assert "the registry names no issue for it" in told.err
    store.set_tags(MODEL, number, {TAG: kept})

    with world.client(GRACE) as forge:
        [issue] = forge.issues(labels=["mergeline-emergency"])
        assert issue.author == BOT.login
        assert REASON in issue.body
        forge.update_issue(issue.number, state="closed")
    assert world.apply()[-1] == ("production", "unchanged")
    world.status()
    record = json.loads(store.aliases(MODEL)["production"].tags[TAG])
    assert (record["change"], record["issue"]) == ("emergency", issue.number)
    assert record["waived"] == ["soak-too-short", "approvals-missing"]


def test_the_next_change_has_no_emergency(world: World) -> None:
    """A marker forged by another author is no follow-up, and a copied emergency waives nothing."""
    world.release("1.0.0", deployment=SOAK)
    world.apply()
    world.promote("staging")
    world.apply()
    world.mergeline(*PROMOTE, "--waive", "soak-too-short")
    world.promote("production-emergency", GRACE, MARGARET)
    world.apply(expect=1)
    file = world.clone / "models" / MODEL / "environments/production.yaml"
    emergency = file.read_text().partition("emergency:")[2]

    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    world.apply(expect=1)
    world.promote("staging")
    world.apply(expect=1)
    assert "emergency: null" in _text(world, "production")
    proposed = world.proposed("production")
    world.git("switch", "--quiet", "--detach", f"origin/{proposed.head_ref}")
    file.write_text(file.read_text().replace("emergency: null\n", f"emergency:{emergency}"))
    world.push("copied")
    pull_request = world.open("copied")
    world.approve(pull_request, GRACE, MARGARET)
    refused = world.mergeline("check", "--pull-request", str(pull_request.number), expect=1)
    assert "error[emergency-left-over]" in refused.out
    assert "error[soak-too-short]" in refused.out


def test_a_rollback_does_not_follow_up(in_production: World) -> None:
    """Red stays red, though another release serves, until somebody closes the issue."""
    world = in_production
    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    world.apply()
    world.promote("staging")
    world.apply()
    world.mergeline(*PROMOTE, "--waive", "approvals-missing")
    world.promote("production-emergency", GRACE)
    world.apply(expect=1)
    world.mergeline("rollback", MODEL, "--env", "production", "--reason", REASON)
    world.promote("production-rollback", GRACE)
    assert world.apply()[-1] == ("production", "moved")
    rows = world.status(expect=1)
    assert rows["production"]["actual"]["version"] == "1.0.0"
    assert "emergency-open" in world.mergeline("status", MODEL, expect=1).err
    assert world.apply(expect=1)[-1] == ("production", "unchanged")
    with world.client(GRACE) as forge:
        [issue] = forge.issues(labels=["mergeline-emergency"])
        forge.update_issue(issue.number, state="closed")
    world.status()
    assert world.apply()[-1] == ("production", "unchanged")


def _text(world: World, branch: str) -> str:
    world.git("fetch", "--quiet", "origin")
    path = f"models/{MODEL}/environments/production.yaml"
    return world.git("show", f"origin/mergeline/{MODEL}/{branch}:{path}")
