"""This repository's files, and copies of them to break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = tuple(sorted(path.stem for path in (ROOT / ".github/workflows").glob("*.yml")))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the workflows are rendered from, and of what was rendered."""
    for name in ("models", "pipelines", "policies", ".github"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def mergeline():
    """The real command line, in a process of its own."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mergeline", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def workflow(name: str) -> dict:
    """A generated workflow of this repository; its triggers under "on"."""
    content = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text())
    # YAML 1.1 takes the key `on` for true.
    return {"on" if key is True else key: value for key, value in content.items()}


def jobs() -> list[tuple[str, str, dict]]:
    """The jobs that run on a machine; `calls` has the others."""
    return [found for found in _all_jobs() if "steps" in found[2]]


def calls() -> list[tuple[str, str, dict]]:
    """The jobs that call a workflow."""
    return [found for found in _all_jobs() if "steps" not in found[2]]


def _all_jobs() -> list[tuple[str, str, dict]]:
    return [(name, key, job) for name in WORKFLOWS for key, job in workflow(name)["jobs"].items()]


def script(name: str, job: str, step: str) -> tuple[str, dict[str, str]]:
    """The shell script of a step, and its environment."""
    steps = workflow(name)["jobs"][job]["steps"]
    (found,) = [each for each in steps if each.get("name") == step]
    return runnable(found["run"]), found.get("env", {})


def runnable(text: str) -> str:
    """The script of a step; without the jq that it calls a test is skipped, but fails in CI."""
    if "jq " in text and shutil.which("jq") is None:
        if os.environ.get("CI"):
            pytest.fail("jq is not installed")
        pytest.skip("jq, which GitHub's runners have, is not installed")
    return text
