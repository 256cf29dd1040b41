"""An auditor's questions after two promotions and a rollback, over real parts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from loop.world import GRACE, MODEL, SPEC
from mergeline import cli
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from loop.world import World

pytestmark = pytest.mark.slow
STATE = f"{SPEC}/environments/production.yaml"
FUTURE = "2999-01-01T00:00Z"


@pytest.fixture
def audited(two_versions: World) -> World:
    """1.0.0 and 1.1.0 came to production, and 1.0.0 came back."""
    world = two_versions
    world.mergeline("rollback", MODEL, "--env", "production", "--reason", "too many alarms")
    world.promote("production-rollback", GRACE)
    world.apply()
    return world


def moments(world: World) -> list[str]:
    """When production was asked for something else, oldest first."""
    words = ("log", "--reverse", "--first-parent", "--format=%ct", "origin/main", "--", STATE)
    seconds = [int(line) for line in world.git(*words).splitlines()]
    return [datetime.fromtimestamp(one, UTC).isoformat() for one in seconds]


def test_which_version_served_and_who_let_it_in(audited: World, tmp_path: Path) -> None:
    world = audited
    first, second, _ = moments(world)
    options = ("audit", MODEL, "--env", "production", "--format", "json")

    asked = world.mergeline(*options, "--at", first).json()
    [row] = asked["rows"]
    assert (asked["registry"], asked["findings"]) == ("checked", [])
    # It came back later, by another approval; that takes nothing from what is known of this.
    assert (row["version"], row["change"], row["decision"]) == ("1.0.0", "promotion", "allowed")
    assert row["approvers"] == ["grace", "margaret"]

    [row] = world.mergeline(*options, "--at", second).json()["rows"]
    record = MlflowRegistry(resolve(world.clone, {})).find(MODEL, "1.1.0")
    made = json.loads(record.tags["mergeline.deployment.production"])
    assert row["version"] == "1.1.0"
    assert (row["decision"], row["registry"]) == ("allowed", "agrees")
    assert row["approvers"] == ["grace", "margaret"]
    assert (row["commit"], row["pull_request"]) == (made["commit"], made["pull_request"])
    assert row["policies"] == made["policies"]
    assert row["run_id"] == record.run_id
    assert row["datasets"] == json.loads(record.tags["mergeline.datasets"])
    assert row["training_commit"] == record.tags["mergeline.commit"]

    [row] = world.mergeline(*options, "--at", FUTURE).json()["rows"]
    assert (row["version"], row["change"]) == ("1.0.0", "rollback")
    assert (row["approvers"], row["hold"]) == (["grace"], "Rolled back from 1.1.0: too many alarms")

    _bundle(world, tmp_path)
    _persons_and_forms(world)
    _contradiction(world, options)


def _bundle(world: World, folder: Path) -> None:
    """What was exported is verified where there is no repository, and by nothing but itself."""
    file = folder / "audit.zip"
    world.mergeline("audit", MODEL, "--export", str(file))
    world.capsys.readouterr()
    verify = ["-C", "/", "audit", "--verify-bundle", str(file)]
    assert cli.main(verify) == 0
    assert f"head: {world.git('rev-parse', 'origin/main')}" in world.capsys.readouterr().out
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert cli.main([*verify, "--format", "json"]) == 1
    assert json.loads(world.capsys.readouterr().out)["whole"] is False


def _persons_and_forms(world: World) -> None:
    by = world.mergeline("audit", "--by", "margaret", "--format", "csv").out.splitlines()
    assert [line.split(",")[:3] for line in by[1:]] == [
        [MODEL, "production", "1.0.0"],
        [MODEL, "production", "1.1.0"],
    ]
    offline = world.mergeline("audit", "--offline", "--at", FUTURE)
    assert "registry not checked: --offline" in offline.err
    assert offline.out.count(MODEL) == 2
    assert "MODEL" in offline.out
    assert "error: model" in world.mergeline("audit", "breast", expect=2).err
    assert "names no moment" in world.mergeline("audit", "--at", "2024-09-12", expect=2).err


def _contradiction(world: World, options: tuple[str, ...]) -> None:
    store = MlflowRegistry(resolve(world.clone, {}))
    found = store.find(MODEL, "1.1.0")
    store.set_tags(MODEL, found.number, {"mergeline.datasets": "{}"})
    told = world.mergeline(*options, expect=1).json()
    assert [one["rule"] for one in told["findings"]] == ["registry-differs"]
    assert [row["registry"] for row in told["rows"]] == ["agrees", "differs", "agrees"]
