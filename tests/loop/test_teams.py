"""Approvals from such teams as policy asks for, and what was found, kept with the deployment."""

from __future__ import annotations

import json

import pytest

from loop.world import ACTIONS, ADA, BOT, GRACE, MARGARET, MODEL, World
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

pytestmark = pytest.mark.slow
USUAL = "    production: {low: [], medium: [owner], high: [owner]}"


def ask_for(world: World, teams: str) -> None:
    """The organisation asks for approvals of high risk from these teams, on the default branch."""
    path = world.clone / "policies/data.yaml"
    text = path.read_text()
    assert text.count(USUAL) == 1
    path.write_text(text.replace(USUAL, USUAL.replace("high: [owner]", f"high: {teams}")))
    world.git("commit", "--quiet", "--all", "--message", "ask for teams")
    world.git("push", "--quiet", "origin", "main")


def in_staging(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    world.apply()


def test_enough_people_of_the_wrong_team_are_not_enough(world: World) -> None:
    ask_for(world, "[owner, ml-risk]")
    in_staging(world)
    proposed = world.proposed("production")
    world.approve(proposed, ADA, GRACE)
    refused = world.mergeline("check", "--pull-request", str(proposed.number), expect=1)
    assert "needs an approval from team ml-risk for high risk in production" in refused.out
    assert "team-diagnostics" not in refused.out
    world.approve(proposed, MARGARET)
    world.mergeline("check", "--pull-request", str(proposed.number))
    world.merge(proposed)
    assert ("production", "moved") in world.apply()

    tags = MlflowRegistry(resolve(world.clone, {})).aliases(MODEL)["production"].tags
    record = json.loads(tags["mergeline.deployment.production"])
    assert {one["reviewer"]: one["teams"] for one in record["approvals"]} == {
        "ada": [],
        "grace": ["team-diagnostics"],
        "margaret": ["ml-risk"],
    }
    assert {one["commit_id"] for one in record["approvals"]} == {proposed.head_sha}
    assert record["approved_by"] == ["ada", "grace", "margaret"]


def test_a_team_that_nobody_knows_is_a_no(world: World) -> None:
    ask_for(world, "[phantoms]")
    in_staging(world)
    proposed = world.proposed("production")
    world.approve(proposed, GRACE, MARGARET)
    answer = world.mergeline("check", "--pull-request", str(proposed.number))
    assert "warning[teams-not-known]: it is not known who is in team phantoms" in answer.out
    world.merge(proposed)
    errored = world.mergeline("apply", MODEL, user=BOT, expect=3)
    assert "Members: read" in errored.out
    assert "production" not in MlflowRegistry(resolve(world.clone, {})).aliases(MODEL)


def test_the_token_of_a_workflow_goes_on_without_the_teams_and_apply_does_not(
    world: World,
) -> None:
    in_staging(world)
    proposed = world.proposed("production")
    number = str(proposed.number)
    world.approve(proposed, ADA)
    answer = world.mergeline("check", "--pull-request", number, user=ACTIONS, expect=1)
    assert "warning[teams-not-known]: it is not known who is in team team-diagnostics" in answer.out
    assert "Resource not accessible by integration" in answer.out
    assert "error[approvals-missing]: needs 2 approvals" in answer.out
    assert "approval-from-team-missing" not in answer.out
    world.approve(proposed, MARGARET)
    world.mergeline("check", "--pull-request", number, user=ACTIONS)
    refused = world.mergeline("check", "--pull-request", number, expect=1)
    assert "needs an approval from team team-diagnostics for high risk" in refused.out
    world.merge(proposed)
    world.mergeline("apply", MODEL, user=ACTIONS, expect=3)
    assert "approval-from-team-missing" in world.mergeline("apply", MODEL, user=BOT, expect=1).out
