"""The registry is lost, and comes back from Git, the forge and the bytes that are left."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from loop import test_attacks as attacks
from loop.killed import KILLED, finish, start
from loop.test_attacks import registry, released_as, standing
from loop.world import BOT, GRACE, MARGARET, MODEL, SPEC, World
from mergeline.registry.names import REBUILT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from loop.conftest import Keep

pytestmark = pytest.mark.slow
MEMORY = "standing.json"
REBUILD = ("apply", MODEL, "--rebuild-registry")
Standing = tuple[dict[str, int], dict[int, dict[str, str]]]


@pytest.fixture
def ruins(
    keep: Keep, left_in_staging: Path, go_on: Callable[[Path], AbstractContextManager[World]]
) -> Iterator[tuple[World, Standing]]:
    """1.0.0 and 1.0.1 were in production, 1.0.0 came back and is held; then MLflow's store went.

    With it what the registry had held.
    """
    kept = keep("ruins", _ruin, __file__, attacks.__file__, start=left_in_staging)
    aliases, tags = json.loads((kept / MEMORY).read_text())
    with go_on(kept) as world:
        yield world, (aliases, {int(number): tags for number, tags in tags.items()})


def _ruin(world: World) -> None:
    _live(world)
    (world.clone.parent / MEMORY).write_text(json.dumps(standing(world)))
    (world.clone / ".mergeline/mlflow.db").unlink()


def _live(world: World) -> None:
    world.promote("production", GRACE, MARGARET)
    world.apply()
    second = released_as(world, "1.0.1")
    registry(world).set_alias(MODEL, "candidate", registry(world).find(MODEL, "1.0.1").number)
    world.merge(second)
    world.apply()
    world.promote("production", GRACE, MARGARET)
    world.apply()
    world.mergeline("rollback", MODEL, "--env", "production", "--reason", "too many alarms")
    world.promote("production-rollback", GRACE)
    world.apply()
    world.mergeline("status", "--verify")


def restored(world: World, expect: int = 0) -> list[tuple[str, str]]:
    rows = world.mergeline(*REBUILD, "--format", "json", user=BOT, expect=expect).json()
    return [(row["subject"], row["action"]) for row in rows]


def is_whole(world: World, before: Standing) -> None:
    """Every version, alias and tag is back; but for when it was deployed, which nobody knows."""
    aliases, versions = standing(world)
    assert aliases == before[0]
    assert versions.keys() == before[1].keys()
    for number, tags in versions.items():
        assert REBUILT in tags
        assert without_moments(tags) == without_moments(before[1][number])
    found = world.mergeline("status", MODEL, "--verify", "--format", "json").json()
    assert [(row["version"], row["complete"], row["findings"]) for row in found["versions"]] == [
        ("1.0.0", True, []),
        ("1.0.1", True, []),
    ]


def without_moments(tags: dict[str, str]) -> dict[str, object]:
    kept: dict[str, object] = {key: tags[key] for key in tags if key != REBUILT}
    for key in kept:
        if key.startswith(("mergeline.deployment.", "mergeline.hold.")):
            made = json.loads(tags[key])
            kept[key] = {name: made[name] for name in made if name not in MOMENTS}
    return kept


MOMENTS = ("applied_at", "restored_at")


def test_a_lost_registry_comes_back_whole(ruins: tuple[World, Standing]) -> None:
    world, before = ruins
    assert restored(world) == [
        ("release", "restored"),
        ("release", "restored"),
        ("staging", "restored"),
        ("production", "restored"),
        ("staging", "restored"),
        ("production", "restored"),
        ("production", "restored"),
        ("staging", "moved"),
        ("production", "moved"),
    ]
    is_whole(world, before)
    unchanged = [("staging", "unchanged"), ("production", "unchanged")]
    assert restored(world) == unchanged
    assert world.apply() == unchanged
    assert standing(world)[0] == before[0]

    # The rules of rollback know again what was verified here, and an audit who let it in.
    again = ("rollback", MODEL, "--env", "production", "--reason", "again")
    assert "came to production by a rollback" in world.mergeline(*again, expect=1).err
    told = world.mergeline("audit", MODEL, "--env", "production", "--format", "json").json()
    rows = {row["change"]: row for row in told["rows"]}
    assert told["findings"] == []
    assert rows["rollback"]["approvers"] == ["grace"]
    assert rows["rollback"]["applied_at"] is None


def test_a_rebuild_that_is_killed_goes_on_where_it_was(ruins: tuple[World, Standing]) -> None:
    world, before = ruins
    killed = 0
    # Each process comes a few writes further than the one before.
    while finish(world, start(world, *REBUILD, die_at=9 + killed)) == KILLED:
        killed += 1
        assert killed < 20
    assert killed > 2
    is_whole(world, before)


def test_what_is_lost_with_its_bytes_is_trained_again(ruins: tuple[World, Standing]) -> None:
    world, before = ruins
    for lost in ("artifacts", "models", "cache"):
        shutil.rmtree(world.clone / ".mergeline" / lost, ignore_errors=True)
    # The commit of one is gone; that stops no other.
    path = world.clone / SPEC / "releases/1.0.1.yaml"
    text = path.read_text()
    commit = next(line for line in text.splitlines() if line.strip().startswith("commit:"))
    path.write_text(text.replace(commit, commit.split(":")[0] + f": '{'0' * 40}'"))
    world.git("commit", "--quiet", "--all", "--message", "An edit")
    world.git("push", "--quiet", "origin", "main")
    told = world.mergeline(*REBUILD, user=BOT, expect=3).out
    assert "1.0.0 is registered again, from an equal training" in told
    assert "1.0.1 is not restored: its record was edited" in told
    assert "errored: the commit 0000" in told
    aliases, versions = standing(world)
    assert (aliases["production"], list(versions)) == (1, [1])
    tags = before[1][1]
    assert versions[1]["mergeline.artifact.digest"] == tags["mergeline.artifact.digest"]
