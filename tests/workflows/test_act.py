"""The generated workflows, run: act executes them on this machine, against the forge."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import mlflow
import pytest

from loop.world import ADA, GRACE, MARGARET, MODEL, open_world
from mergeline import __version__
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve

from .acting import Acting, Run
from .conftest import ROOT
from .machine import seed_with_workflows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mergeline.forge import Comment, PullRequest


CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd"
USING = f"""
on: workflow_dispatch
jobs:
  version:
    runs-on: ubuntu-24.04
    steps:
      - uses: mergeline/mergeline@v0.1.0
        id: mergeline
        with:
          command: ""
      - run: '"$MERGELINE" --version'
        env:
          MERGELINE: ${{{{ steps.mergeline.outputs.mergeline }}}}
  validate:
    runs-on: ubuntu-24.04
    needs: version
    steps:
      - uses: {CHECKOUT}
        with:
          fetch-depth: 0
      - uses: mergeline/mergeline@v0.1.0
        with:
          command: validate --format github
"""


@pytest.fixture
def acting(
    act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Acting]:
    with open_world(tmp_path, monkeypatch, capsys, seed=seed_with_workflows) as world:
        yield Acting(world, act, tmp_path / "actions")


# A release in its jobs, as act names them.
PARTS = ("fetch", "train", "evaluate", "register")
RELEASED = dict.fromkeys(("plan", *PARTS), "success")


def comments(acting: Acting, number: int) -> list[Comment]:
    with acting.world.client(ADA) as forge:
        return forge.comments(number)


def registry(acting: Acting) -> mlflow.MlflowClient:
    """The registry as somebody sees it who goes past Git."""
    return mlflow.MlflowClient(f"sqlite:///{acting.mlflow}")


def version(acting: Acting, alias: str) -> str | None:
    """What an alias points to in the registry that the workflows share."""
    settings = resolve(acting.home, {"MLFLOW_TRACKING_URI": f"sqlite:///{acting.mlflow}"})
    found = MlflowRegistry(settings).aliases(MODEL).get(alias)
    return found.version if found else None


def merged(acting: Acting, pull_request: PullRequest) -> str:
    """Merge; what the branch was at before."""
    before = acting.world.git("rev-parse", "origin/main")
    acting.world.merge(pull_request)
    return before


@pytest.mark.slow
def test_from_a_pull_request_to_production(acting: Acting) -> None:
    """One story, since each part needs what the one before has left."""
    world = acting.world
    acting.open_registry()
    world.edit("training.yaml", "C: 1.0", "C: 0.5")
    world.edit("model.yaml", "version: 0.1.0", "version: 1.0.0")
    world.push("stronger", "Regularise more")
    pull_request = world.open("stronger")

    run = acting.pull_request(pull_request.number)
    jobs = dict.fromkeys(("validate", "plan", "candidate", "check", "gate"), "success")
    assert run.jobs == jobs, run.text
    assert comments(acting, pull_request.number) == []
    assert acting.comment(run).jobs == {"comment": "success"}
    [comment] = comments(acting, pull_request.number)
    assert comment.author == "github-actions[bot]"
    assert comment.body.startswith("**Ready.** 1 model changed")
    assert f"Head `{pull_request.head_sha}`" in comment.body
    assert f"run `{run.id}.1`" in comment.body

    before = merged(acting, pull_request)
    run = acting.push("release", before)
    assert run.jobs == RELEASED, run.text
    assert acting.push("apply", before).jobs == {"plan": "success"}
    assert version(acting, "candidate") == "1.0.0"
    assert version(acting, "staging") is None
    staging = world.proposed("staging")
    assert staging is not None
    assert staging.author == "mergeline[bot]"

    assert acting.pull_request(staging.number).jobs == {
        name: "success" for name in jobs if name != "candidate"
    }
    before = merged(acting, staging)
    assert acting.push("release", before).jobs == {"plan": "success"}
    run = acting.push("apply", before)
    assert run.jobs == {"plan": "success", "apply": "success"}, run.text
    assert version(acting, "staging") == "1.0.0"

    production = world.proposed("production")
    assert production is not None
    run = acting.pull_request(production.number)
    assert run.jobs["check"] == run.jobs["gate"] == "failure"
    assert any("needs 2 approvals" in line for line in run.annotations())
    world.approve(production, GRACE, MARGARET)
    run = acting.pull_request(production.number)
    assert run.jobs["gate"] == "success", run.text
    before = merged(acting, production)
    assert version(acting, "production") is None
    run = acting.push("apply", before)
    assert run.jobs == {"plan": "success", "apply": "success"}, run.text
    assert version(acting, "production") == "1.0.0"

    drifts_and_is_healed(acting)


def drifts_and_is_healed(acting: Acting) -> None:
    """Somebody removes an alias: an issue, until somebody has it put back."""
    assert acting.dispatch("drift").jobs == {"drift": "success"}
    registry(acting).delete_registered_model_alias(MODEL, "production")
    run = acting.dispatch("drift")
    assert run.jobs == {"drift": "failure"}, run.text
    assert version(acting, "production") is None
    with acting.world.client(ADA) as forge:
        [issue] = forge.issues()
    assert "production" in issue.title
    assert issue.author == "mergeline[bot]"
    run = acting.dispatch("apply", model=MODEL, environment="production")
    assert run.jobs == {"plan": "success", "apply": "success"}, run.text
    assert version(acting, "production") == "1.0.0"
    run = acting.dispatch("drift")
    assert run.jobs == {"drift": "success"}, run.text
    with acting.world.client(ADA) as forge:
        assert forge.issues() == []


# Whoever may replace an artifact changes a file in it, and makes all digests beside it fit.
TAMPERING = """#!{python}
import json, sys
from pathlib import Path
from mergeline.digest import digest_file
name, folder = sys.argv[1], Path(sys.argv[2])
if name == "{artifact}":
    file = folder / "{file}"
    file.write_bytes(file.read_bytes() + b" ")
    manifest = folder / "handover.json"
    said = json.loads(manifest.read_text())
    said["files"]["{file}"] = digest_file(file)
    manifest.write_text(json.dumps(said))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("artifact", "file", "refused", "by"),
    [
        (f"trained-{MODEL}", "train/model.skops", "evaluate", "what was handed over has digest"),
        (f"evaluated-{MODEL}", "result.json", "register", "what was handed over has digest"),
    ],
)
def test_a_release_that_is_tampered_with_between_its_jobs(
    acting: Acting, artifact: str, file: str, refused: str, by: str
) -> None:
    world = acting.world
    acting.open_registry()
    world.edit("training.yaml", "C: 1.0", "C: 0.5")
    world.edit("model.yaml", "version: 0.1.0", "version: 1.0.0")
    world.push("stronger", "Regularise more")
    script = acting.home / "tampering"
    script.write_text(TAMPERING.format(python=sys.executable, artifact=artifact, file=file))
    script.chmod(0o755)
    acting.environment["STAND_IN_TAMPERING"] = str(script)
    run = acting.push("release", merged(acting, world.open("stronger")))
    before = PARTS[: PARTS.index(refused)]
    assert {name: run.jobs[name] for name in run.jobs if name in PARTS} == {
        **dict.fromkeys(before, "success"),
        refused: "failure",
    }, run.text
    assert by in run.text
    assert version(acting, "candidate") is None
    assert world.proposed("staging") is None


@pytest.mark.slow
def test_a_broken_spec_is_red_and_says_where(acting: Acting) -> None:
    world = acting.world
    world.edit("training.yaml", "random_seed: 7", "random_sed: 7")
    world.push("broken")
    pull_request = world.open("broken")
    run = acting.pull_request(pull_request.number)
    assert run.jobs["validate"] == run.jobs["gate"] == "failure"
    assert "candidate" not in run.jobs
    place = f"file=models/{MODEL}/training.yaml,line="
    assert any(place in line and "random_sed" in line for line in run.annotations()), run.text
    assert acting.comment(run).jobs == {"comment": "success"}
    [comment] = comments(acting, pull_request.number)
    assert comment.body.startswith("**Not ready:")


@pytest.mark.slow
def test_a_merge_queue_is_judged_without_reviews(acting: Acting) -> None:
    world = acting.world
    world.edit("monitoring.yaml", "kind: Monitoring", "# Words only.\nkind: Monitoring")
    world.push("words")
    run = acting.merge_group(world.open("words").number)
    assert run.jobs == dict.fromkeys(("validate", "plan", "gate"), "success"), run.text


@pytest.mark.slow
def test_what_a_hostile_run_leaves_is_data(acting: Acting) -> None:
    """A fork's run names another pull request, other places, and speaks to the runner."""
    world = acting.world
    world.edit("training.yaml", "C: 1.0", "C: 0.5")
    world.push("hostile")
    victim, number = world.open("hostile"), 1
    run = Run(50, "pull_request", victim.head_sha, "hostile", {"gate": "failure"})
    artifact = acting.home / f"artifacts/{run.id}/result-{MODEL}"
    (artifact / MODEL).mkdir(parents=True)
    result = '{"model": "::error file=x::pwned\\n@everyone <img src=x>", "pull_request": 99}'
    (artifact / MODEL / "result.json").write_text(result)
    (artifact / "pr_number").write_text("99\n::set-output name=number::99\n")
    (artifact / "models").symlink_to("/etc")

    done = acting.comment(run)
    assert done.jobs == {"comment": "success"}, done.text
    assert done.annotations() == []
    [comment] = comments(acting, number)
    assert "a result that cannot be read" in comment.body
    assert "pwned" not in comment.body

    fork = {"full_name": "mallory/models", "owner": {"login": "mallory"}}
    done = acting.comment(run, head_repository=fork)
    assert "nothing posted: no open pull request is at" in done.text
    assert comments(acting, number) == [comment]
    assert acting.comment(run, conclusion="cancelled").jobs == {}


@pytest.mark.slow
def test_another_repository_uses_a_release_in_one_line(acting: Acting) -> None:
    world, release = acting.world, acting.home / "release"
    for name in ("src", "requirements", "policies", "pipelines"):
        shutil.copytree(ROOT / name, release / name, ignore=shutil.ignore_patterns("__pycache__"))
    (release / "scripts").mkdir()
    for name in (
        "action.yml",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "NOTICE",
        "scripts/set-up",
    ):
        shutil.copy(ROOT / name, release / name)
    acting.actions["mergeline/mergeline@v0.1.0"] = release
    (world.clone / ".github/workflows/own.yml").write_text(USING)
    world.edit("training.yaml", "random_seed: 7", "random_sed: 7")
    world.git("add", "--all")
    world.git("commit", "--quiet", "--message", "Use a release")
    world.git("push", "--quiet", "origin", "main")

    run = acting.dispatch("own")
    assert run.jobs == {"version": "success", "validate": "failure"}, run.text
    assert f"version: mergeline {__version__}" in run.text
    place = f"file=models/{MODEL}/training.yaml,line="
    assert any(place in line for line in run.annotations()), run.text
