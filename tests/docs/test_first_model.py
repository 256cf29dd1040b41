"""README's first model: its files are made as the reader makes them, and are what it says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mergeline.specs.check import check
from mergeline.specs.tree import WorkingTree

ROOT = Path(__file__).parents[2]
NAME = "iris-petal-width"


def blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```bash\n(.*?)^```$", text, re.M | re.S)


def bash(script: str, folder: Path) -> None:
    here = Path(sys.executable).parent
    path = f"export PATH={shlex.quote(str(here))}:$PATH\n"
    subprocess.run(["bash", "-euo", "pipefail", "-c", path + script], cwd=folder, check=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    for name in ("pipelines", "requirements", "policies"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "models").mkdir()
    for block in blocks():
        if "cat >models" in block or "mkdir models" in block:
            bash(block, folder)
    return folder


def run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("mergeline")), "-C", str(repository), *arguments]
    # Whatever asked MLflow in this process before has left its address there.
    environ = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_validate_says_what_readme_shows(repository: Path):
    done = run(repository, "validate", NAME)
    assert done.returncode == 1
    assert done.stdout.strip() in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_corrections_lead_to_specs_without_a_fault(repository: Path, tmp_path: Path):
    folder = tmp_path / "repository"
    shutil.copytree(repository, folder)
    for block in blocks():
        lines = [line for line in block.splitlines() if line.startswith(("sed ", "rm "))]
        bash("\n".join(lines), folder)
    _, findings = check(WorkingTree(folder))
    assert findings == []
    done = run(folder, "validate", NAME)
    assert (done.stdout, done.returncode) == ("1 model checked: no findings\n", 0)
    # The data are what the digest in README says.
    done = run(folder, "run", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0.1.0 passed: 2 gates met" in done.stdout
