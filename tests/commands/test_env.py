"""`mergeline env`: what is installed against lockfile and record, and the Dockerfile of it."""

from __future__ import annotations

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from mergeline import cli
from mergeline.digest import digest_file
from mergeline.promotion.reproduction import recorded_facts
from mergeline.promotion.surroundings import gaps_to_record
from mergeline.specs.types import Release
from mergeline.specs.types.release import ReleasedEnvironment

ROOT = Path(__file__).parents[2]
MODEL = "breast-cancer-diagnosis"
LOCK = "requirements/runtime.txt"
IMAGE = f"docker.io/library/python@sha256:{'a' * 64}"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("pipelines", "requirements", f"models/{MODEL}"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / LOCK).write_text(f"numpy=={version('numpy')} \\\n    --hash=sha256:00\n")
    return tmp_path


def edit(repository: Path, old: str, new: str) -> None:
    path = repository / f"models/{MODEL}/training.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def told(repository: Path, capsys, *arguments: str, expect: int) -> str:
    capsys.readouterr()
    assert cli.main(["-C", str(repository), "env", *arguments]) == expect
    said = capsys.readouterr()
    return said.out or said.err


def test_what_is_installed_as_it_is_locked_is_the_same(repository, capsys):
    said = told(repository, capsys, "check", expect=0)
    assert said == f"{LOCK}: the environment is the same\n"


def test_each_difference_is_named_with_what_mends_it(repository, capsys):
    lock = (
        "numpy==0.0.1 \\\n    --hash=sha256:00\n"
        "not-there==1.0 \\\n    --hash=sha256:01\n"
        "elsewhere==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:02\n"
    )
    (repository / LOCK).write_text(lock)
    edit(repository, '">=3.11,<3.15"', '"==3.9.*"')
    [answer] = json.loads(told(repository, capsys, "check", MODEL, "--format", "json", expect=1))
    assert answer["gaps"] == [
        {"name": "python", "wanted": "==3.9.*", "here": platform.python_version()},
        {"name": "numpy", "wanted": "0.0.1", "here": version("numpy")},
        {"name": "not-there", "wanted": "1.0", "here": None},
    ]
    assert answer["mend"] == f"uv pip install --require-hashes --requirement {LOCK}"
    said = told(repository, capsys, "check", expect=1)
    assert said.splitlines()[0] == f"{LOCK}: 3 differences"
    assert f"  = help: {answer['mend']}" in said


def test_a_lockfile_that_is_gone_differs(repository, capsys):
    (repository / LOCK).unlink()
    said = told(repository, capsys, "check", expect=1)
    assert f"git restore {LOCK}" in said


def test_the_minor_version_of_python_counts():
    major, minor, _ = platform.python_version_tuple()
    numpy = {"numpy": version("numpy")}
    assert gaps_to_record(_environment(f"{major}.{minor}.99", numpy)) == []
    [gap] = gaps_to_record(_environment(f"{major}.{int(minor) + 1}.0", numpy))
    assert (gap.name, gap.here) == ("python", platform.python_version())
    [gap] = gaps_to_record(_environment(f"{major}.{minor}.0", {"Not_There": "2.0"}))
    assert (gap.name, gap.wanted, gap.here) == ("not-there", "2.0", None)


def _environment(python: str, dependencies: dict[str, str]) -> ReleasedEnvironment:
    return ReleasedEnvironment(
        python=python,
        os="Linux",
        cpu="x86_64",
        gpu=None,
        lockfile=LOCK,
        lockfile_digest=f"sha256:{'0' * 64}",
        dependencies=dependencies,
    )


def test_every_digest_of_a_record_but_that_of_the_evidence_is_compared():
    """A field that is added to the record must be compared, or be named here."""
    explained = {"digest", "evaluation_digest"}
    named = {name for name in Release.__struct_fields__ if name.endswith("digest")} - explained
    source = recorded_facts.__code__.co_consts
    assert named <= {text for text in source if isinstance(text, str)}


def test_a_dockerfile_is_of_the_image_and_the_lock_alone(repository, capsys):
    edit(repository, "image: null", f"image: {IMAGE}")
    said = told(repository, capsys, "dockerfile", MODEL, expect=0)
    assert f"FROM {IMAGE}\n" in said
    assert digest_file(repository / LOCK).removeprefix("sha256:") in said
    assert "OMP_NUM_THREADS=1 " in said
    assert "--require-hashes" in said
    assert told(repository, capsys, "dockerfile", MODEL, expect=0) == said
    (repository / LOCK).write_text("numpy==1.0 --hash=sha256:00\n")
    assert told(repository, capsys, "dockerfile", MODEL, expect=0) != said


def test_a_dockerfile_needs_an_image_by_digest(repository, capsys):
    said = told(repository, capsys, "dockerfile", MODEL, expect=1)
    assert "names no base image" in said
    assert "= help: set environment.base_image" in said


def test_what_an_image_is_built_from_goes_before_what_was_built(repository, capsys):
    edit(repository, "image: null", f"image: {IMAGE}")
    of_the_image = told(repository, capsys, "dockerfile", MODEL, expect=0)
    edit(repository, f"image: {IMAGE}", f"image: null\n  base_image: {IMAGE}")
    built = told(repository, capsys, "dockerfile", MODEL, expect=0)
    # Renaming the one to the other is a reason to build.
    assert set(built.splitlines()) ^ set(of_the_image.splitlines()) == {
        "# FROM is environment.image",
        "# FROM is environment.base_image",
    }
    edit(repository, "image: null", f"image: ghcr.io/acme/models/{MODEL}@sha256:{'b' * 64}")
    # What was built changes nothing of what it is built of: it is not built again.
    assert told(repository, capsys, "dockerfile", MODEL, expect=0) == built
    lock = digest_file(repository / LOCK)
    assert f'LABEL dev.mergeline.model="{MODEL}" dev.mergeline.lock="{lock}"\n' in built


@pytest.mark.parametrize("subject", [[], ["breast-cancer"], [f"{MODEL}@9.9.9"]])
def test_what_is_not_there_is_a_mistake_of_the_caller(repository, capsys, subject):
    if "@" in "".join(subject):
        # A release needs Git.
        assert "Git" in told(repository, capsys, "dockerfile", *subject, expect=2)
        return
    assert "error" in told(repository, capsys, "dockerfile", *subject, expect=2)
