"""Jobs in containers, whose checkout belongs to another user than the job's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from loop.world import init_repository, seed
from mergeline.workflows import Values, find_templates, render
from mergeline.workflows.pools import Container
from mergeline.workflows.values import Job

from .conftest import ROOT

IMAGE = Container(f"train@sha256:{'0' * 64}", "--cpus 1 --memory 2g")
VALUES = Values({"boxed": Job("ubuntu-24.04", 45, "3.13", container=IMAGE)}, {})


def steps_in_containers() -> dict[str, list[dict]]:
    files = render(find_templates(ROOT), VALUES)
    workflows = {path: yaml.safe_load(text) for path, text in files.items() if path.endswith("yml")}
    return {
        f"{Path(path).stem}/{name}": job["steps"]
        for path, workflow in workflows.items()
        for name, job in workflow["jobs"].items()
        if "container" in job
    }


IN_CONTAINERS = {"pull-request/candidate-2", "release-model/train-2", "release-model/evaluate-2"}


def test_models_run_in_containers() -> None:
    assert steps_in_containers().keys() == IN_CONTAINERS


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of another user."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    seed(folder)
    init_repository(folder)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        shutil.chown(folder / ".git", "nobody")
    return folder


@pytest.fixture
def environment(tmp_path: Path, checkout: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    values = {"PATH": os.environ["PATH"], "HOME": str(home), "GITHUB_WORKSPACE": str(checkout)}
    return values if os.geteuid() == 0 else values | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}


@pytest.mark.parametrize("job", steps_in_containers())
def test_git_reads_the_checkout_of_a_container(
    job: str, checkout: Path, environment: dict[str, str]
) -> None:
    steps = steps_in_containers()[job]
    after = [step["name"] for step in steps].index("Check out") + 1

    def plan() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mergeline", "plan", "--base", "HEAD", "--offline"]
        return subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )

    refused = plan()
    assert (refused.returncode, "safe.directory" in refused.stderr) == (3, True)
    script = steps[after]["run"]
    subprocess.run(["bash", "-e", "-c", script], env=environment, cwd=checkout, check=True)
    assert plan().returncode == 0


def test_the_action_reads_the_checkout_of_a_container(
    tmp_path: Path, checkout: Path, environment: dict[str, str]
) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    script = next(one["run"] for one in action["runs"]["steps"] if one["name"] == "Run Mergeline")
    program = tmp_path / "action/.venv/bin/mergeline"
    program.parent.mkdir(parents=True)
    program.symlink_to(Path(sys.executable).with_name("mergeline"))
    inputs = {
        "GITHUB_ACTION_PATH": str(tmp_path / "action"),
        "COMMAND": "plan --base HEAD --offline",
        "DIRECTORY": ".",
        # A setting of the caller's own stays.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.quotepath",
        "GIT_CONFIG_VALUE_0": "false",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script], env=environment | inputs, cwd=checkout, check=False
    )
    assert done.returncode == 0
