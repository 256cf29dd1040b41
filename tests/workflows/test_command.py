"""`mergeline workflows`, on the real command line."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# What every repository has; this one has more, of templates of its own.
FILES = (
    ".github/CODEOWNERS",
    ".github/pull_request_template.md",
    ".github/workflows/apply.yml",
    ".github/workflows/comment.yml",
    ".github/workflows/drift.yml",
    ".github/workflows/image.yml",
    ".github/workflows/pull-request.yml",
    ".github/workflows/release-model.yml",
    ".github/workflows/release.yml",
    ".github/workflows/reproduce.yml",
)
PULL_REQUEST, _, RELEASE = FILES[-4:-1]
OWN = (".github/workflows/tests.yml", ".github/workflows/weekly.yml")


def test_this_repository_is_up_to_date(mergeline) -> None:
    done = mergeline("-C", ROOT, "workflows", "--check")
    assert done.returncode == 0, done.stdout
    assert done.stdout == "12 generated files are what the templates and the specs say\n"


def test_writing_and_writing_again(copy: Path, mergeline) -> None:
    (copy / FILES[0]).unlink()
    (copy / FILES[1]).write_text("name: other\n")
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"wrote      {FILES[0]}",
        f"wrote      {FILES[1]}",
        *(f"unchanged  {file}" for file in FILES[2:] + OWN),
    ]
    again = mergeline("-C", copy, "workflows")
    assert again.stdout.count("unchanged") == 12
    assert stat.S_IMODE((copy / FILES[1]).stat().st_mode) == 0o644
    assert not list((copy / ".github").rglob(".mergeline-*"))


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES + OWN)
def test_a_stale_file(copy: Path, mergeline, file: str) -> None:
    lines = (copy / file).read_text().splitlines(keepends=True)
    text = "".join([*lines[:3], "# by hand\n", *lines[3:]])
    (copy / file).write_text(text)
    done = mergeline("-C", copy, "workflows", "--check")
    assert done.returncode == 1
    assert done.stdout == (
        f"error[stale-workflow]: {file} differs from its template and the specs\n"
        f"  --> {file}:4:1\n"
        "   = help: run: mergeline workflows\n"
        "\n1 error\n"
    )
    assert (copy / file).read_text() == text


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES + OWN)
def test_a_missing_file(copy: Path, mergeline, file: str) -> None:
    (copy / file).unlink()
    done = mergeline("-C", copy, "workflows", "--check")
    assert done.returncode == 1
    assert f"error[missing-workflow]: {file} is missing\n" in done.stdout
    assert "run: mergeline workflows" in done.stdout
    assert not (copy / file).exists()


def test_without_a_final_newline_it_is_stale(copy: Path, mergeline) -> None:
    (copy / RELEASE).write_text((copy / RELEASE).read_text().rstrip("\n"))
    assert mergeline("-C", copy, "workflows", "--check").returncode == 1


def test_a_workflow_whose_template_is_gone(copy: Path, mergeline) -> None:
    (copy / "pipelines/workflows/release.yml.j2").unlink()
    mine = copy / ".github/workflows/mine.yml"
    mine.write_text("name: by hand\n")
    checked = mergeline("-C", copy, "workflows", "--check")
    assert checked.returncode == 1
    assert f"error[orphaned-workflow]: {RELEASE}" in checked.stdout
    written = mergeline("-C", copy, "workflows")
    assert f"removed    {RELEASE}" in written.stdout
    assert not (copy / RELEASE).exists()
    assert mine.read_text() == "name: by hand\n"


def test_a_changed_spec_makes_them_stale(copy: Path, mergeline) -> None:
    training = copy / "models/payment-fraud/training.yaml"
    text = training.read_text()
    assert "runner: ubuntu-24.04" in text
    training.write_text(text.replace("runner: ubuntu-24.04", "runner: gpu-l4"))
    assert mergeline("-C", copy, "workflows", "--check").returncode == 1
    mergeline("-C", copy, "workflows")
    assert '"runner":"gpu-l4"' in (copy / PULL_REQUEST).read_text()
    assert mergeline("-C", copy, "workflows", "--check").returncode == 0


def test_a_template_with_an_error_writes_nothing(copy: Path, mergeline) -> None:
    (copy / FILES[1]).unlink()
    template = copy / "pipelines/workflows/release.yml.j2"
    template.write_text("name: Release\non: [[ trigger ]]\n")
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 2
    assert done.stderr == (
        "error: the template cannot be rendered: 'trigger' is undefined\n"
        "  --> pipelines/workflows/release.yml.j2:2:1\n"
        "  = help: fix the template, then run mergeline workflows\n"
    )
    assert not (copy / FILES[1]).exists()


def test_a_template_that_is_not_utf8(copy: Path, mergeline) -> None:
    (copy / "pipelines/workflows/release.yml.j2").write_bytes(b"name: \xff\n")
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 2
    assert "pipelines/workflows/release.yml.j2 is not UTF-8" in done.stderr


def test_without_templates_of_its_own_a_repository_has_ours(tmp_path: Path, mergeline) -> None:
    done = mergeline("-C", tmp_path, "workflows")
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines()] == list(FILES)


def test_a_template_of_a_repository_alone(tmp_path: Path, mergeline) -> None:
    """It lies beside the workflow, and takes what is shared from ours."""
    mine = tmp_path / ".github/workflows/mine.yml.j2"
    mine.parent.mkdir(parents=True)
    mine.write_text('[% import "shared.j2" as shared %]\nruns-on: [[ shared.runner ]]\n')
    done = mergeline("-C", tmp_path, "workflows")
    assert [line.split()[1] for line in done.stdout.splitlines()] == sorted(
        [*FILES, ".github/workflows/mine.yml"]
    )
    assert mine.with_suffix("").read_text() == (
        "# Generated by mergeline workflows from .github/workflows/mine.yml.j2; do not edit.\n"
        "runs-on: ubuntu-24.04\n"
    )
    mine.write_text("\n[[ nothing ]]\n")
    failed = mergeline("-C", tmp_path, "workflows")
    assert failed.returncode == 2
    assert "  --> .github/workflows/mine.yml.j2:2:1\n" in failed.stderr


def test_two_templates_of_one_name(copy: Path, mergeline) -> None:
    (copy / ".github/workflows/release.yml.j2").write_text("name: Mine\n")
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 2
    assert done.stderr == (
        "error: there is a release.yml.j2 in pipelines/workflows, too\n"
        "  --> .github/workflows/release.yml.j2:1:1\n"
        "  = help: rename one of them\n"
    )


def test_broken_specs_are_reported_and_nothing_is_written(copy: Path, mergeline) -> None:
    (copy / FILES[1]).unlink()
    (copy / "models/payment-fraud/training.yaml").write_text("kind: Training\n")
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 1
    assert "models/payment-fraud/training.yaml" in done.stdout
    assert not (copy / FILES[1]).exists()


def test_a_place_that_cannot_be_written(copy: Path, mergeline) -> None:
    shutil.rmtree(copy / ".github/workflows")
    (copy / ".github/workflows").write_text("a file\n")
    done = mergeline("-C", copy, "workflows")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
