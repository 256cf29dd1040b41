"""The step that turns a plan into a matrix: its own script, on the real plan of a real clone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import script

MODEL = "payment-fraud"


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(copy: Path) -> Path:
    git(copy, "init", "-q", "-b", "main")
    git(copy, "add", "-A")
    git(copy, "commit", "-q", "-m", "base")
    return copy


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    git(root, "commit", "-q", "-a", "-m", "change")


def planned(root: Path, workflow: str, **changed: str) -> tuple[int, dict[str, str]]:
    """Run the step as a runner does: `bash -eo pipefail`, outputs in a file."""
    text, env = script(workflow, "plan", "Plan")
    output = root.parent / f"{root.name}.output"
    output.write_text("")
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text],
        cwd=root,
        env={
            **env,
            "BASE": "HEAD^1",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": os.devnull,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **changed,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    lines = output.read_text().splitlines()
    return done.returncode, dict(line.split("=", 1) for line in lines)


def test_a_change_to_train(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    for workflow in ("pull-request", "release"):
        status, outputs = planned(clone, workflow)
        assert status == 0
        assert json.loads(outputs["models"]) == [MODEL]
        (job,) = json.loads(outputs["matrix"])["include"]
        assert job == {"model": MODEL, "minutes": 45, "python": "3.13", "runner": "ubuntu-24.04"}


def test_the_table_outweighs_the_default(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    table = json.dumps({MODEL: {"minutes": 135, "python": "3.12", "runner": "gpu-l4"}})
    _, outputs = planned(clone, "pull-request", JOBS=table)
    (job,) = json.loads(outputs["matrix"])["include"]
    assert (job["minutes"], job["python"], job["runner"]) == (135, "3.12", "gpu-l4")


def test_a_change_that_trains_nothing(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/monitoring.yaml", "kind: Monitoring", "# Words.\nkind: Monitoring")
    for workflow in ("pull-request", "release"):
        status, outputs = planned(clone, workflow)
        assert status == 0
        assert outputs["models"] == "[]"
        assert json.loads(outputs["matrix"]) == {"include": []}


def test_a_broken_model_gives_no_matrix(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seeds: ")
    status, outputs = planned(clone, "pull-request")
    assert status != 0
    assert outputs == {}


def test_more_models_than_a_matrix_holds(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    for count, wanted in ((256, 0), (257, 1)):
        status, outputs = planned(clone, "release", WANTED=f"[range({count}) | tostring]")
        assert status == wanted
        assert ("matrix" in outputs) is (wanted == 0)


def test_where_a_release_starts_from(clone: Path) -> None:
    text, _ = script("release", "plan", "Find what was merged")
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: 1", "random_seed: 12")
    for before, wanted in (
        (git(clone, "rev-parse", "HEAD~2"), git(clone, "rev-parse", "HEAD~2")),
        ("0" * 40, git(clone, "rev-parse", "HEAD~1")),
        ("f" * 40, git(clone, "rev-parse", "HEAD~1")),
    ):
        output = clone.parent / "base"
        output.write_text("")
        env = {**os.environ, "BEFORE": before, "GITHUB_OUTPUT": str(output)}
        subprocess.run(["bash", "-eo", "pipefail", "-c", text], cwd=clone, env=env, check=True)
        assert output.read_text() == f"base={wanted}\n"
