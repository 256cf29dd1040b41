"""A repository on the development forge with every door closed."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline import cli
from mergeline.devforge import (
    Actions,
    DeployKey,
    DevelopmentForge,
    Environment,
    ForgeConfig,
    Installation,
    Rules,
    Ruleset,
    User,
)
from mergeline.plan.approvals import load_tunables
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.workflows import find_templates, render, values_of
from mergeline.workflows.uses import uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

ROOT = Path(__file__).parents[2]
REPOSITORY = "mergeline/models"
ADMIN = User("root", "Root", "root@example.org", "token-root", role="admin")
READER = User("eve", "Eve", "eve@example.org", "token-eve", role="read")
TEAMS = ("ml-platform", "team-chronic-care", "team-diagnostics", "team-payments")
RULES = Rules(
    required_status_checks=("gate",),
    status_checks_app="github-actions",
    required_approving_review_count=1,
    require_code_owner_reviews=True,
    dismiss_stale_reviews=True,
    require_last_push_approval=True,
)
SECRETS = ("MERGELINE_APP_PRIVATE_KEY", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
VALUES, _ = values_of(load_repository(WorkingTree(ROOT)), load_tunables(WorkingTree(ROOT)))
# As every repository has them: where there are no templates, those that come with the engine.
RENDERED = render(find_templates(Path(__file__).parent), VALUES)
USES = uses_of(RENDERED)
APP = {**USES.app, "metadata": "read"}
REGISTRY = {"MLFLOW_TRACKING_URI": "https://mlflow.example.org"}
CLOSED = ForgeConfig(
    REPOSITORY,
    users=(ADMIN, READER),
    rulesets=(Ruleset(name="main", rules=RULES),),
    teams=dict.fromkeys(TEAMS, ("root",)),
    actions=Actions(
        allowed_actions="selected",
        github_owned_allowed=True,
        sha_pinning_required=True,
        variables={"MERGELINE_APP_ID": "1", **REGISTRY},
    ),
    environments=(
        *(
            Environment(name=name, branches=("main",), secrets=SECRETS, variables=REGISTRY)
            for name in ("release", "staging", "production", "drift")
        ),
        *(
            Environment(name=name, branches=("main",), secrets=SECRETS[1:], variables=REGISTRY)
            for name in ("data", "data-generated-payments")
        ),
    ),
    installations=(Installation(slug="mergeline", permissions=APP),),
    deploy_keys=(DeployKey(title="mirror"),),
)


@contextmanager
def housed(
    directory: Path, config: ForgeConfig, monkeypatch: pytest.MonkeyPatch, user: User = ADMIN
) -> Iterator[Path]:
    """A clone of this repository's specs, pushed to a forge that is configured so."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "GITHUB_", "GH_", "MERGELINE_", "MLFLOW_TRACKING_URI")):
            monkeypatch.delenv(name)
    with DevelopmentForge(directory / "forge", config) as forge:
        clone = directory / "clone"
        for name in (".github", "models", "pipelines", "policies", "requirements"):
            shutil.copytree(ROOT / name, clone / name)
        git(clone, "init", "--quiet", "--initial-branch", "main")
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "first")
        git(clone, "push", "--quiet", str(forge.git_directory), "main")
        monkeypatch.setenv("GITHUB_API_URL", forge.api_url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", user.token)
        yield clone


def git(clone: Path, *arguments: str) -> None:
    who = ["-c", f"user.name={ADMIN.name}", "-c", f"user.email={ADMIN.email}"]
    subprocess.run(["git", "-C", str(clone), *who, *arguments], check=True, capture_output=True)


def doctor(clone: Path, *options: str) -> int:
    return cli.main(["-C", str(clone), "doctor", "--github", *options])
