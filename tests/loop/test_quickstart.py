"""The quickstart, as a newcomer runs it: twice, and what it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MERGELINE = str(Path(sys.executable).with_name("mergeline"))


def quickstart(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts/quickstart"), str(directory)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_story_ends_with_the_model_in_production(tmp_path: Path) -> None:
    done = quickstart(tmp_path / "story")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error[approvals-missing]: needs 2 approvals for high risk in production" in done.stdout
    assert "OUT OF SYNC" in done.stdout
    repository = tmp_path / "story/repository"
    status = subprocess.run(
        [MERGELINE, "-C", str(repository), "status", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")},
    )
    rows = [row for row in json.loads(status.stdout) if row["model"] == "breast-cancer-diagnosis"]
    assert [row["environment"] for row in rows] == ["staging", "production"]
    assert {row["sync"] for row in rows} == {"synced"}
    assert {row["health"] for row in rows} == {"healthy"}
    assert {row["actual"]["version"] for row in rows} == {"1.1.0"}
    assert rows[0]["actual"]["digest"] == rows[1]["desired"]["digest"]
    page = (tmp_path / "story/reports/breast-cancer-diagnosis/report.html").read_text()
    assert "<svg" in page


def test_a_folder_that_is_not_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    done = quickstart(tmp_path)
    assert done.returncode != 0
    assert "is not empty, and no quickstart made it" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"
