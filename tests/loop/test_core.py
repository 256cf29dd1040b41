"""The core alone in a world with a release: what Git tells, and what says that it needs more."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from loop.world import BOT, MODEL
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

if TYPE_CHECKING:
    from core_environment import Core
    from loop.world import World

NEEDS_RUN = re.compile(
    r" needs \w+, which is not installed\n  = help: pip install \"mergeline\[run\]\"\n"
)


@pytest.mark.slow
def test_what_needs_the_registry_says_so_and_changes_nothing(staged: World, core: Core) -> None:
    registry = MlflowRegistry(resolve(staged.clone, {}))
    waiting = staged.proposed("production")
    before = registry.aliases(MODEL), waiting, staged.git("ls-remote", "origin")
    staged.monkeypatch.setenv("GITHUB_TOKEN", BOT.token)
    commands = (
        f"check --pull-request {waiting.number}",
        f"apply {MODEL}",
        f"drift {MODEL}",
        f"status {MODEL}",
        "status --verify",
        f"verify {MODEL}@1.0.0",
        f"run {MODEL}",
        f"report {MODEL}",
        f"features export --data --output {staged.clone.parent / 'feast'}",
    )
    for command in commands:
        done = core.mergeline("-C", str(staged.clone), *command.split())
        assert done.status == 3, (command, done.stdout, done.stderr)
        assert NEEDS_RUN.search(done.stdout + done.stderr), (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
    after = registry.aliases(MODEL), staged.proposed("production")
    assert (*after, staged.git("ls-remote", "origin")) == before


@pytest.mark.slow
def test_git_is_asked_without_the_registry(staged: World, core: Core) -> None:
    clone = str(staged.clone)
    rows = {
        option: core.mergeline("-C", clone, "status", *option, "--format", "json")
        for option in ((), ("--offline",))
    }
    assert [done.status for done in rows.values()] == [3, 0]
    for done in rows.values():
        found = {row["environment"]: row for row in json.loads(done.stdout)}
        assert found["staging"]["desired"]["version"] == "1.0.0"
        assert (found["staging"]["actual"], found["staging"]["sync"]) == (None, "unknown")
    told = staged.mergeline("status", "--offline", "--format", "json")
    assert told.json() == json.loads(rows[("--offline",)].stdout)
    for command in (
        "audit --offline",
        f"lineage {MODEL}@1.0.0 --offline",
        f"card {MODEL}@1.0.0 --offline",
        "plan --base HEAD~1 --offline",
    ):
        done = core.mergeline("-C", clone, *command.split())
        assert done.status == 0, (command, done.stderr)
        assert "1.0.0" in done.stdout
