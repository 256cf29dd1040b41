"""Which images are built, and under which names and digests: the steps' own scripts, run.

No Docker engine is here. `docker` is a stand-in that keeps what it was called with, and answers
`image inspect` as a push to a registry would have it answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import runnable
from .test_matrix import MODEL, edit, git

OTHER = "breast-cancer-diagnosis"
BASE = f"docker.io/library/python@sha256:{'a' * 64}"
IMAGE = f"ghcr.io/acme/models/{MODEL}"
DIGEST = f"sha256:{'d' * 64}"
DOCKER = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$CALLS"
case "$1 $2" in
  "login ghcr.io") [ "$(cat)" = t0k3n ] ;;
  "build "* | "push "*) ;;
  "image inspect") printf '%s\\n' $DIGESTS ;;
  *) exit 64 ;;
esac
"""


@pytest.fixture
def clone(copy: Path, mergeline) -> Path:
    """Of three models two name a base image."""
    (copy / "requirements").mkdir()
    for name in ("runtime", "other"):
        (copy / f"requirements/{name}.txt").write_text("numpy==2.0.0 --hash=sha256:00\n")
    for name in (MODEL, OTHER):
        training = copy / f"models/{name}/training.yaml"
        text = training.read_text()
        assert text.count("image: null\n") == 1
        training.write_text(text.replace("image: null\n", f"image: null\n  base_image: {BASE}\n"))
    training = copy / f"models/{OTHER}/training.yaml"
    text = training.read_text()
    training.write_text(text.replace("requirements/runtime.txt", "requirements/other.txt"))
    assert mergeline("-C", copy, "workflows").returncode == 0
    git(copy, "init", "-q", "-b", "main")
    git(copy, "add", "-A")
    git(copy, "commit", "-q", "-m", "base")
    return copy


def outside(root: Path) -> Path:
    """The runner's temporary folder."""
    return root.with_name(f"{root.name}-runner")


def image_workflow(root: Path) -> dict:
    text = (root / ".github/workflows/image.yml").read_text()
    # YAML 1.1 takes the key `on` for true.
    return {"on" if key is True else key: one for key, one in yaml.safe_load(text).items()}


def ran(root: Path, job: str, step: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does, with the job's and its own variables, but expressions."""
    found = image_workflow(root)["jobs"][job]
    [one] = [each for each in found["steps"] if each.get("name") == step]
    given = {**found["env"], **one.get("env", {})}
    temporary = outside(root)
    (temporary / "bin").mkdir(parents=True, exist_ok=True)
    (temporary / "bin/docker").write_text(DOCKER)
    (temporary / "bin/docker").chmod(0o755)
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", runnable(one["run"])],
        cwd=root,
        env={
            **{key: value for key, value in given.items() if "${{" not in value},
            "PATH": f"{temporary / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(temporary),
            "GITHUB_OUTPUT": str(temporary / "output"),
            "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
            "GITHUB_REPOSITORY": "Acme/Models",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_ACTOR": "Ada",
            "CALLS": str(temporary / "calls"),
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def taken(root: Path) -> list[str]:
    """Run the step of a push for the newest commit; the models that it takes."""
    done = ran(root, "plan", "Take those whose Dockerfile is another one", BASE="HEAD^1")
    assert done.returncode == 0, done.stderr
    plan = json.loads((outside(root) / "plan.json").read_text())
    return [model["name"] for model in plan["models"]]


@pytest.mark.slow
def test_a_push_builds_what_is_made_of_something_else(clone: Path) -> None:
    edit(clone, "requirements/other.txt", "2.0.0", "2.0.1")
    assert taken(clone) == [OTHER]
    edit(clone, f"models/{MODEL}/training.yaml", BASE, BASE.replace("a" * 64, "b" * 64))
    assert taken(clone) == [MODEL]
    edit(clone, f"models/{MODEL}/training.yaml", "random_seed: ", "random_seed: 1")
    assert taken(clone) == []
    # What was built comes in: it is not built again.
    edit(clone, f"models/{MODEL}/training.yaml", "image: null", f"image: {IMAGE}@{DIGEST}")
    assert taken(clone) == []


@pytest.mark.slow
def test_a_push_builds_what_had_no_base_before(clone: Path) -> None:
    training = f"models/{MODEL}/training.yaml"
    edit(clone, training, f"  base_image: {BASE}\n", "")
    git(clone, "revert", "--no-edit", "HEAD")
    assert taken(clone) == [MODEL]
    edit(clone, training, f"image: null\n  base_image: {BASE}\n", f"image: {BASE}\n")
    edit(clone, training, f"image: {BASE}\n", f"base_image: {BASE}\n")
    assert taken(clone) == [MODEL]


def test_a_person_names_one_that_has_a_base(clone: Path) -> None:
    assert ran(clone, "plan", "Take what was asked for", MODEL=MODEL).returncode == 0
    plan = (outside(clone) / "plan.json").read_text()
    assert json.loads(plan) == {"models": [{"name": MODEL}]}
    for name in ("diabetes-progression", f"../models/{MODEL}", "$(touch it)", '"', ""):
        done = ran(clone, "plan", "Take what was asked for", MODEL=name)
        assert done.returncode == 1
        assert "::error::there is no such model" in done.stdout
    assert not (clone / "it").exists()


def test_what_was_taken_is_divided_into_jobs(clone: Path) -> None:
    ran(clone, "plan", "Take what was asked for", MODEL=OTHER)
    assert ran(clone, "plan", "Divide the work").returncode == 0
    [line] = (outside(clone) / "output").read_text().splitlines()
    matrix = json.loads(line.removeprefix("matrix_1="))
    assert [one["model"] for one in matrix] == [OTHER]
    assert set(matrix[0]) >= {"minutes", "python", "runner"}


def test_an_image_is_built_pushed_and_named_by_its_digest(clone: Path) -> None:
    assert ran(clone, "image", "Render the Dockerfile", MODEL=MODEL).returncode == 0
    assert f"FROM {BASE}\n" in (outside(clone) / "Dockerfile").read_text()
    done = ran(clone, "image", "Log in to the registry", MODEL=MODEL, TOKEN="t0k3n")
    assert done.returncode == 0, done.stderr
    assert ran(clone, "image", "Build", MODEL=MODEL).returncode == 0
    commit, time = git(clone, "log", "-1", "--format=%H %ct").split()
    output = (outside(clone) / "output").read_text()
    assert output == f"image={IMAGE}\ncommit={commit}\n"
    step = "Push, and say the digest"
    given = {"MODEL": MODEL, "IMAGE": IMAGE, "COMMIT": commit}
    # Docker may know the same image by the digests of other names, too.
    digests = f"ghcr.io/acme/other@sha256:{'e' * 64} {IMAGE}@{DIGEST}"
    done = ran(clone, "image", step, **given, DIGESTS=digests)
    assert done.returncode == 0, done.stderr
    calls = (outside(clone) / "calls").read_text().splitlines()
    assert calls[0] == "login ghcr.io --username Ada --password-stdin"
    assert "t0k3n" not in "".join(calls)
    assert f"--tag {IMAGE}:{commit} --build-arg SOURCE_DATE_EPOCH={time} " in calls[1]
    assert "--label org.opencontainers.image.source=https://github.com/Acme/Models " in calls[1]
    assert f"--label org.opencontainers.image.revision={commit} ." in calls[1]
    assert calls[2] == f"push --quiet {IMAGE}:{commit}"
    said = (outside(clone) / "summary").read_text()
    [line] = [one for one in said.splitlines() if "image:" in one]
    # The line fits as it is.
    edit(clone, f"models/{MODEL}/training.yaml", "image: null", line.strip())
    training = yaml.safe_load((clone / f"models/{MODEL}/training.yaml").read_text())
    assert training["environment"]["image"] == f"{IMAGE}@{DIGEST}"


@pytest.mark.slow
@pytest.mark.parametrize("digests", ["", f"{IMAGE}@sha256:dd", f"ghcr.io/acme/other@{DIGEST}"])
def test_without_a_digest_of_the_registry_it_is_red(clone: Path, digests: str) -> None:
    given = {"MODEL": MODEL, "IMAGE": IMAGE, "COMMIT": "c0", "DIGESTS": digests}
    done = ran(clone, "image", "Push, and say the digest", **given)
    assert done.returncode == 1
    assert f"::error::the registry gave no digest of {IMAGE}:c0" in done.stdout
    assert not (outside(clone) / "summary").exists()


def test_without_such_models_nothing_is_built(copy: Path) -> None:
    assert set(image_workflow(copy)["on"]) == {"workflow_dispatch"}
    assert ran(copy, "plan", "Take what was asked for", MODEL=MODEL).returncode == 1


def test_only_the_job_that_pushes_may(clone: Path) -> None:
    jobs = image_workflow(clone)["jobs"]
    assert jobs["plan"]["permissions"] == {"contents": "read"}
    assert jobs["image"]["permissions"] == {"contents": "read", "packages": "write"}
    assert jobs["image"]["concurrency"]["group"] == "image_${{ matrix.model }}"
    assert jobs["plan"]["steps"][0]["if"] == "github.ref != 'refs/heads/main'"
    assert image_workflow(clone)["on"]["push"] == {"branches": ["main"]}
