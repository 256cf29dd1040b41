"""actionlint and zizmor, for real, with nothing ignored."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT


@pytest.fixture(scope="session")
def actionlint() -> str:
    done = subprocess.run(
        [ROOT / "scripts/get-tool", "actionlint"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program, "zizmor is not installed: run scripts/set-up test"
    options = ("--offline", "--persona=pedantic", "--strict-collection", "--no-ignores")
    return subprocess.run(
        [program, *options, "--no-progress", "--no-config", "--color=never", folder],
        capture_output=True,
        text=True,
        check=False,
    )


def lint(actionlint: str, folder: Path) -> subprocess.CompletedProcess[str]:
    files = sorted((folder / ".github/workflows").glob("*.yml"))
    assert files
    options = ("-no-color", "-config-file", "/dev/null")
    return subprocess.run(
        [actionlint, *options, *files], cwd=folder, capture_output=True, text=True, check=False
    )


def test_actionlint_finds_nothing(actionlint: str) -> None:
    done = lint(actionlint, ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_zizmor_finds_nothing() -> None:
    done = zizmor(ROOT / ".github")
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_nothing_is_ignored() -> None:
    for name in ("zizmor.yml", ".github/zizmor.yml", ".github/actionlint.yaml"):
        assert not (ROOT / name).exists()
    for path in (ROOT / "pipelines/workflows").iterdir():
        assert "zizmor: ignore" not in path.read_text()


def test_they_would_find_something(actionlint: str, copy: Path) -> None:
    path = copy / ".github/workflows/release.yml"
    text = path.read_text()
    injection = "${{ github.event.head_commit.message }}"
    broken = text.replace('mergeline apply "$MODEL"', f"mergeline apply {injection}")
    path.write_text(broken.replace("needs.plan.outputs.models", "needs.plans.outputs.models"))
    found = zizmor(copy / ".github")
    assert found.returncode != 0
    assert "error[template-injection]" in found.stdout
    assert 'property "plans" is not defined' in lint(actionlint, copy).stdout
