"""What may wait for the night waits, and is released then: the steps' own scripts, run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from .conftest import runnable
from .test_matrix import MODEL, edit, git, run

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "diabetes-progression"
PLAN = {"models": [{"name": name, "actions": [{"kind": "release"}]} for name in (MODEL, OTHER)]}


@pytest.fixture
def clone(copy: Path, mergeline) -> Path:
    training = copy / f"models/{MODEL}/training.yaml"
    text = training.read_text()
    assert "  spot: true\n" in text
    training.write_text(text.replace("  spot: true\n", "  spot: true\n  off_peak: true\n"))
    assert mergeline("-C", copy, "workflows").returncode == 0
    git(copy, "init", "-q", "-b", "main")
    git(copy, "add", "-A")
    git(copy, "commit", "-q", "-m", "base")
    return copy


def release(root: Path) -> dict:
    return yaml.safe_load((root / ".github/workflows/release.yml").read_text())


def after(root: Path, step: str, **env: str) -> tuple[int, list[str]]:
    """Run a step on the plan; its status, and the models that the plan names then."""
    steps = release(root)["jobs"]["plan"]["steps"]
    [found] = [each for each in steps if each.get("name") == step]
    given = {key: value for key, value in found["env"].items() if "${{" not in value}
    summary = root.parent / "summary"
    summary.write_text("")
    status = run(
        runnable(found["run"]), root, {**given, "GITHUB_STEP_SUMMARY": str(summary), **env}
    )
    plan = json.loads((root.parent / "plan.json").read_text())
    return status, [model["name"] for model in plan["models"]]


def test_a_push_leaves_it_for_the_night_and_says_so(clone: Path) -> None:
    (clone.parent / "plan.json").write_text(json.dumps(PLAN))
    assert after(clone, "Leave for the night what may wait") == (0, [OTHER])
    said = (clone.parent / "summary").read_text()
    assert said.startswith(f"{MODEL} is released tonight, off-peak")
    assert said.count("\n") == 1


def test_the_night_takes_what_has_no_record(clone: Path) -> None:
    assert after(clone, "Take what waits") == (0, [MODEL])
    edit(clone, f"models/{MODEL}/model.yaml", "version: 0.1.0", 'version: "1.2.0" # the next')
    record = clone / f"models/{MODEL}/releases/1.2.0.yaml"
    record.parent.mkdir()
    record.write_text("a record")
    assert after(clone, "Take what waits") == (0, [])
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "released")
    git(clone, "update-ref", f"refs/remotes/origin/mergeline/{MODEL}/staging", "HEAD")
    record.unlink()
    assert after(clone, "Take what waits") == (0, [])
    git(clone, "update-ref", "-d", f"refs/remotes/origin/mergeline/{MODEL}/staging")
    assert after(clone, "Take what waits") == (0, [MODEL])


def test_a_person_has_it_at_once(clone: Path) -> None:
    (clone.parent / "plan.json").write_text('{"models": []}')
    assert after(clone, "Take what was asked for", MODEL=MODEL) == (0, [MODEL])
    (clone.parent / "plan.json").write_text('{"models": []}')
    status, models = after(clone, "Take what was asked for", MODEL="../" + MODEL)
    assert (status, models) == (1, [])


def test_without_such_models_nothing_runs_at_night(clone: Path, copy: Path, mergeline) -> None:
    assert "schedule" in release(clone)[True]
    training = copy / f"models/{MODEL}/training.yaml"
    training.write_text(training.read_text().replace("off_peak: true", "off_peak: false"))
    assert mergeline("-C", copy, "workflows").returncode == 0
    assert "schedule" not in release(copy)[True]
