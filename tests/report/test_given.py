from __future__ import annotations

import json

import pytest

from mergeline.pipeline.result import write_result
from mergeline.plan.versions import Version
from mergeline.report.given import UNREADABLE, given_result
from mergeline.report.standing import NO_RESULT
from report import samples

PLAN = samples.planned()


def given(reports):
    return given_result(reports, PLAN, {samples.HEAD})


def test_the_result_of_the_head_is_taken(tmp_path):
    write_result(samples.passing(), tmp_path / "churn")
    assert given(tmp_path) == samples.passing()


def test_there_is_none(tmp_path):
    assert given(tmp_path) == NO_RESULT


@pytest.mark.parametrize(
    "other",
    [
        {"commit": "c" * 40},
        {"commit": None},
        {"clean": False},
        {"model": "other"},
        {"version": "0.3.0"},
    ],
)
def test_the_result_of_something_else_is_not_taken(tmp_path, other):
    write_result(samples.passing(**other), tmp_path / "churn")
    assert given(tmp_path) == NO_RESULT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"model": "churn"}',
        json.dumps({"model": {"a": 1}}).encode(),
    ],
)
def test_what_is_no_result_is_not_taken(tmp_path, text):
    (tmp_path / "churn").mkdir()
    (tmp_path / "churn/result.json").write_bytes(text)
    assert given(tmp_path) == UNREADABLE


@pytest.mark.parametrize(
    "broken",
    [{"metrics": ({"name": 1},)}, {"findings": (samples.issue(severity="fatal"),)}],
)
def test_rows_that_no_run_writes_are_not_taken(tmp_path, broken):
    write_result(samples.passing(**broken), tmp_path / "churn")
    assert given(tmp_path) == UNREADABLE


def test_a_removed_model_has_no_result(tmp_path):
    write_result(samples.passing(), tmp_path / "churn")
    removed = samples.planned(status="removed", version=Version("0.2.0", None))
    assert given_result(tmp_path, removed, {samples.HEAD}) == NO_RESULT
