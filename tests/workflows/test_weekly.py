"""The workflow of what is too much for each pull request of this repository."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from mergeline.workflows.values import PYTHONS

from .conftest import ROOT, script, workflow

if TYPE_CHECKING:
    from pathlib import Path


def test_it_tries_every_python_that_mergeline_runs_on() -> None:
    job = workflow("weekly")["jobs"]["pythons"]
    assert tuple(job["strategy"]["matrix"]["python"]) == tuple(PYTHONS)


@pytest.mark.parametrize(("answer", "red"), [(0, True), (1, False), (3, True)])
def test_it_is_red_once_the_next_python_can_be_supported(
    tmp_path: Path, answer: int, red: bool
) -> None:
    text, _ = script("weekly", "next-python", "Ask whether it can be supported")
    program = tmp_path / "scripts/next-python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexit {answer}\n")
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == red
    assert ("::error::" in done.stdout) == (answer == 0)


def test_the_weekly_tests_are_those_that_are_left_out_otherwise() -> None:
    run = workflow("weekly")["jobs"]["tests"]["steps"][-1]["run"]
    assert run == "scripts/test --weekly"
    said = subprocess.run(
        [ROOT / "scripts/test", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert f"  {run}" in said
