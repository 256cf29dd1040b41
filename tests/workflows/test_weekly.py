"""The workflow of what is too much for each pull request of this repository."""

from __future__ import annotations

import subprocess

from mergeline.workflows.values import PYTHONS

from .conftest import ROOT, workflow


def test_it_tries_every_python_that_mergeline_runs_on() -> None:
    job = workflow("weekly")["jobs"]["pythons"]
    tried = job["strategy"]["matrix"]["python"]
    assert set(PYTHONS) <= set(tried)
    assert [each for each in tried if each.endswith("-dev")] == tried[-1:]
    assert job["continue-on-error"] == "${{ endsWith(matrix.python, '-dev') }}"


def test_the_weekly_tests_are_those_that_are_left_out_otherwise() -> None:
    run = workflow("weekly")["jobs"]["tests"]["steps"][-1]["run"]
    assert run == "scripts/test --weekly"
    said = subprocess.run(
        [ROOT / "scripts/test", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert f"  {run}" in said
