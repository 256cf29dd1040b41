"""Names and histories that whoever may push, or whoever made the clone, can shape."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from loop.world import ADA, BOT, GRACE, MARGARET, MODEL, SPEC, World
from mergeline.promotion import reconcile
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow
PRODUCTION = f"{SPEC}/environments/production.yaml"


def champion(world: World) -> str:
    return MlflowRegistry(resolve(world.clone, {})).aliases(MODEL)["production"].version


def first_promotion(world: World) -> str:
    """The commit that brought 1.0.0 to production."""
    return world.git("log", "--reverse", "--format=%H", "main", "--", PRODUCTION).splitlines()[0]


NAMES = [
    "refs/tags/origin/main",
    "refs/tags/main",
    "refs/tags/refs/remotes/origin/main",
    "refs/heads/origin/main",
    "refs/heads/HEAD",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_somebody_pushed_moves_nothing(two_versions: World, name: str) -> None:
    world = two_versions
    old = first_promotion(world)
    world.git("push", "--quiet", "origin", f"{old}:{name}", user=GRACE)
    done = world.run("apply", MODEL, "--format", "json", user=BOT)
    assert {row["action"] for row in done.json()} == {"unchanged"}, done
    assert champion(world) == "1.1.0"


@pytest.mark.parametrize("name", [*NAMES, "refs/origin/main", "refs/remotes/origin/HEAD"])
def test_a_name_in_the_clone_moves_nothing(two_versions: World, name: str) -> None:
    world = two_versions
    world.git("update-ref", "--no-deref", name, first_promotion(world))
    done = world.run("apply", MODEL, "--format", "json", user=BOT)
    assert {row["action"] for row in done.json()} == {"unchanged"}, done
    assert champion(world) == "1.1.0"
    assert world.status()["production"]["desired"]["version"] == "1.1.0"


def test_a_name_with_two_meanings_is_refused(two_versions: World) -> None:
    two_versions.git("tag", "origin/main", first_promotion(two_versions))
    said = two_versions.mergeline("plan", "--base", "origin/main", expect=2).err
    assert '"origin/main" names several commits' in said
    assert "refs/remotes/origin/main and refs/tags/origin/main" in said


def test_another_remote_than_the_forge_is_refused(two_versions: World, tmp_path: Path) -> None:
    """`origin` stands at an older commit than the one that the forge calls the head."""
    world = two_versions
    elsewhere = tmp_path / "elsewhere.git"
    world.git("clone", "--quiet", "--bare", str(world.forge.git_directory), str(elsewhere))
    world.git("remote", "set-url", "origin", str(elsewhere))
    old = first_promotion(world)
    subprocess.run(["git", "-C", elsewhere, "update-ref", "refs/heads/main", old], check=True)
    done = world.run("apply", MODEL, user=BOT)
    assert done.code == 1
    assert "the forge says that main is at" in done.err
    assert champion(world) == "1.1.0"


@pytest.fixture
def refused(two_versions: World) -> World:
    """Nobody approved going back to 1.0.0; it was merged, and a README of two approvals after."""
    world = two_versions
    world.mergeline("rollback", MODEL, "--env", "production", "--reason", "a test")
    world.merge(world.proposed("production-rollback"))
    assert ("production", "refused") in world.apply(expect=1)
    (world.clone / "README.md").write_text("One line.\n")
    world.push("readme")
    pull_request = world.open("readme")
    world.approve(pull_request, GRACE, MARGARET)
    world.merge(pull_request)
    return world


def cloned(world: World, tmp_path: Path, *options: str) -> World:
    """Another clone of it, as a runner makes one."""
    place = tmp_path / "runner"
    git = world.forge.git_directory
    subprocess.run(["git", "-C", git, "config", "uploadpack.allowFilter", "true"], check=True)
    subprocess.run(["git", "clone", "--quiet", *options, git.as_uri(), place], check=True)
    (place / ".mergeline").symlink_to(world.clone / ".mergeline")
    (place / ".git/info").mkdir(exist_ok=True)
    (place / ".git/info/exclude").write_text(".mergeline\n")
    other = replace(world, clone=place)
    other.point_at(world.forge.api_url)
    return other


def shallow(*options: str) -> Callable[[World, Path], World]:
    return lambda world, path: cloned(world, path, *options)


def grafted(world: World, path: Path) -> World:
    """The newest commit has no parents, by a file that Git still reads."""
    other = cloned(world, path)
    head = other.git("rev-parse", "HEAD")
    (other.clone / ".git/info/grafts").write_text(f"{head}\n")
    return other


def replaced(world: World, path: Path) -> World:
    other = cloned(world, path)
    other.git("replace", "--graft", "HEAD")
    return other


@pytest.mark.parametrize(
    "clone",
    [
        shallow(),
        shallow("--depth", "1"),
        shallow("--depth", "3"),
        shallow("--depth", "1", "--no-single-branch"),
        shallow("--filter=blob:none"),
        shallow("--filter=tree:0"),
        grafted,
        replaced,
    ],
    ids=["whole", "1", "3", "branches", "blobless", "treeless", "grafted", "replaced"],
)
def test_a_part_of_the_history_does_not_approve_what_was_refused(
    refused: World, tmp_path: Path, clone: Callable[[World, Path], World]
) -> None:
    runner = clone(refused, tmp_path)
    assert ("production", "refused") in runner.apply(expect=1)
    assert champion(runner) == "1.1.0"


def test_a_history_that_cannot_be_deepened_is_no_answer(refused: World, tmp_path: Path) -> None:
    """The remote is such a clone itself."""
    outer = cloned(refused, tmp_path, "--depth", "1")
    runner = replace(refused, clone=tmp_path / "inner")
    subprocess.run(["git", "clone", "--quiet", outer.clone.as_uri(), runner.clone], check=True)
    (runner.clone / ".mergeline").symlink_to(refused.clone / ".mergeline")
    runner.point_at(refused.forge.api_url)
    done = runner.run("apply", MODEL, user=BOT)
    assert done.code == 3, done
    assert "this clone is shallow" in done.err
    assert champion(refused) == "1.1.0"
    for verb in ("audit", "status"):
        assert "this clone is shallow" in runner.run(verb, MODEL, user=ADA).err


@pytest.fixture
def rolled_back(two_versions: World) -> World:
    """Back to 1.0.0 was approved and merged, and is not applied yet."""
    two_versions.mergeline("rollback", MODEL, "--env", "production", "--reason", "a test")
    two_versions.promote("production-rollback", GRACE, MARGARET)
    return two_versions


def meanwhile(world: World, deed: Callable[[], object]) -> None:
    """Let something happen once, after an apply has judged and before it moves the alias."""
    decide = reconcile.decide

    def decided(*arguments: object) -> object:
        found = decide(*arguments)
        world.monkeypatch.setattr(reconcile, "decide", decide)
        deed()
        return found

    world.monkeypatch.setattr(reconcile, "decide", decided)


def test_an_apply_that_a_newer_merge_overtook_moves_nothing(rolled_back: World) -> None:
    world = rolled_back

    def merge() -> None:
        world.git("revert", "--no-edit", "-m", "1", "HEAD")
        world.git("push", "--quiet", "origin", "main")

    meanwhile(world, merge)
    done = world.run("apply", MODEL, user=BOT)
    assert done.code == 1
    assert "production.yaml was changed on main since this apply began" in done.out
    assert champion(world) == "1.1.0"


def test_an_alias_that_was_moved_meanwhile_is_left(rolled_back: World) -> None:
    world = rolled_back
    registry = MlflowRegistry(resolve(world.clone, {}))
    number = registry.find(MODEL, "1.0.0").number
    meanwhile(world, lambda: registry.set_alias(MODEL, "production", number))
    done = world.run("apply", MODEL, user=BOT)
    assert done.code == 1
    assert "production was moved to 1.0.0 since this apply began" in done.out
    world.apply()
    assert champion(world) == "1.0.0"


def test_a_merge_of_something_else_meanwhile_does_not_matter(rolled_back: World) -> None:
    world = rolled_back

    def merge() -> None:
        (world.clone / "README.md").write_text("One line.\n")
        world.push("readme")
        world.merge(world.open("readme"))

    meanwhile(world, merge)
    assert ("production", "moved") in world.apply()
    assert champion(world) == "1.0.0"


def test_the_default_branch_is_asked_for_where_the_clone_does_not_know_it(
    two_versions: World,
) -> None:
    """As actions/checkout leaves it; with something else checked out, and a branch beside it."""
    world = two_versions
    world.git("switch", "--quiet", "--detach", first_promotion(world))
    world.git("update-ref", "refs/remotes/origin/other", "HEAD")
    world.git("remote", "set-head", "origin", "--delete")
    assert world.status()["production"]["desired"]["version"] == "1.1.0"
    assert f"{MODEL} 1.1.0: nobody signed it" in world.run("verify", f"{MODEL}@1.1.0").out
    world.git("config", "mergeline.apiurl", "http://127.0.0.1:1")
    for verb in (("status", MODEL), ("verify", f"{MODEL}@1.1.0")):
        done = world.mergeline(*verb, expect=2)
        assert "it is not known which branch of origin is the default one" in done.err
        assert "git remote set-head origin --auto" in done.err
