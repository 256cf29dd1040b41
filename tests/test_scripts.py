"""The scripts: what they say where something is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as set-up reads, in a folder that few expect."""
    folder = tmp_path / "les modèles de zoé"
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/set-up", folder / "scripts")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def set_up(checkout: Path, python: Path) -> subprocess.CompletedProcess[str]:
    """Set up without an index: it ends where it would install."""
    return subprocess.run(
        [checkout / "scripts/set-up", "runtime"],
        env={
            "PATH": "/usr/bin:/bin",
            "LANG": "C",
            "MERGELINE_PYTHON": str(python),
            "PIP_NO_INDEX": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_set_up_takes_the_python_that_is_named(checkout: Path):
    python = checkout / "my python"
    python.symlink_to(sys.executable)
    done = set_up(checkout, python)
    running = ".".join(map(str, sys.version_info[:3]))
    assert f"making .venv with Python {running}\n" in done.stdout
    assert (checkout / ".venv/bin/python").exists()


def test_set_up_takes_no_other_in_its_place(checkout: Path):
    done = set_up(checkout, checkout / "no python")
    assert done.returncode == 2
    assert "no python is not Python 3.11 to 3." in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("name", [".venv/bin/mergeline", ".Venv/x", ".mergeline/x", ".venv"])
def test_set_up_takes_no_environment_that_a_commit_brings(checkout: Path, name: str):
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("#!/bin/sh\n")
    for command in (["init", "--quiet"], ["add", "--force", name]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True)
    done = set_up(checkout, Path(sys.executable))
    assert done.returncode == 1
    assert f"error: a commit may not bring {name}" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["oldstable"], ["--help"]])
def test_a_bare_system_that_is_not_known(arguments: list[str]):
    done = subprocess.run(
        [ROOT / "scripts/bare-system", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage: scripts/bare-system stable|unstable [COMMAND ...]" in done.stderr
