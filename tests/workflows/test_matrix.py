"""The step that turns a plan into a matrix: its own script, on the real plan of a real clone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from mergeline.pythons import NEWEST

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


def run(text: str, root: Path, env: dict[str, str]) -> int:
    """Run a step as a runner does: `bash -eo pipefail`."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text],
        cwd=root,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(root.parent / "output"),
            "GITHUB_STEP_SUMMARY": os.devnull,
            "RUNNER_TEMP": str(root.parent),
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode


def planned(root: Path, workflow: str, **changed: str) -> tuple[int, dict[str, list]]:
    """Run the steps that plan and divide; the matrices that they give."""
    (root.parent / "output").write_text("")
    text, _ = script(workflow, "plan", "Plan")
    status = run(text, root, {"BASE": "HEAD^1"})
    if status:
        return status, {}
    return status, divided(root, workflow, **changed)[1]


def divided(root: Path, workflow: str, **changed: str) -> tuple[int, dict[str, list]]:
    text, env = script(workflow, "plan", "Divide the work")
    status = run(text, root, {**env, **changed})
    lines = (root.parent / "output").read_text().splitlines()
    return status, {key: json.loads(value) for key, value in (line.split("=", 1) for line in lines)}


def test_a_change_to_train(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    edit(clone, f"models/{MODEL}/model.yaml", "version: 0.1.0", "version: 1.0.0")
    job = {"model": MODEL, "group": 0, "minutes": 45, "python": NEWEST, "runner": "ubuntu-24.04"}
    job |= {"data_environment": "data-generated-payments", "data_fetched": False}
    assert planned(clone, "release") == (0, {"matrix_1": [job]})
    git(clone, "reset", "-q", "--soft", "HEAD~2")
    git(clone, "commit", "-q", "-m", "both")
    assert planned(clone, "pull-request") == (0, {"matrix_1": [job]})
    assert planned(clone, "apply") == (0, {"matrix_1": []})


def test_an_environment_to_apply(clone: Path) -> None:
    plan = {"models": [{"name": MODEL, "actions": [
        {"kind": "apply", "environment": "staging"},
        {"kind": "promote", "environment": "production"},
        {"kind": "apply", "environment": "production"},
    ]}]}  # fmt: skip
    (clone.parent / "plan.json").write_text(json.dumps(plan))
    (clone.parent / "output").write_text("")
    status, outputs = divided(clone, "apply")
    assert status == 0
    assert [(job["model"], job["environment"]) for job in outputs["matrix_1"]] == [
        (MODEL, "staging"),
        (MODEL, "production"),
    ]


def test_the_table_outweighs_the_default(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    row = {"group": 0, "minutes": 135, "python": "3.12", "runner": "gpu-l4"}
    _, outputs = planned(clone, "pull-request", JOBS=json.dumps({MODEL: row}))
    assert outputs["matrix_1"] == [{"model": MODEL, **row}]


@pytest.mark.slow
def test_a_change_that_trains_nothing(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/monitoring.yaml", "kind: Monitoring", "# Words.\nkind: Monitoring")
    for workflow in ("pull-request", "release", "apply"):
        assert planned(clone, workflow) == (0, {"matrix_1": []})


def test_a_broken_model_gives_no_matrix(clone: Path) -> None:
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seeds: ")
    status, outputs = planned(clone, "pull-request")
    assert status != 0
    assert outputs == {}


def test_models_are_divided_into_pools(clone: Path) -> None:
    """300 without a container, of which 256 fit into a matrix, and 2 with one."""
    pools = [{"number": 1, "group": 0, "part": 0}, {"number": 2, "group": 0, "part": 1}]
    pools += [{"number": 3, "group": 1, "part": 0}]
    (clone.parent / "plan.json").write_text("{}")
    (clone.parent / "output").write_text("")
    given = {
        "WANTED": "[range(302) | {model: tostring}]",
        "JOBS": json.dumps({"7": {"group": 1}, "299": {"group": 1}}),
    }
    assert divided(clone, "release", **given, POOLS=json.dumps(pools[:2])) == (1, {})
    status, outputs = divided(clone, "release", **given, POOLS=json.dumps(pools))
    assert status == 0
    found = {key: [job["model"] for job in jobs] for key, jobs in outputs.items()}
    assert found["matrix_3"] == ["7", "299"]
    assert [len(found[f"matrix_{number}"]) for number in (1, 2)] == [256, 44]
    assert sorted(map(int, chain.from_iterable(found.values()))) == list(range(302))


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", ["", "..", "-x", "a b", "$(id)", "gone", "a\nb", "payment-fraud/"]
)
def test_a_person_can_name_a_model_only(clone: Path, model: str) -> None:
    text, _ = script("apply", "plan", "Take what was asked for")
    asked = {"ENVIRONMENT": "staging"}
    assert run(text, clone, {**asked, "MODEL": model}) == 1
    assert run(text, clone, {**asked, "MODEL": MODEL}) == 0
    (clone.parent / "output").write_text("")
    _, outputs = divided(clone, "apply")
    assert [(job["model"], job["environment"]) for job in outputs["matrix_1"]] == [
        (MODEL, "staging")
    ]


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
