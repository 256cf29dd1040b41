"""Rows of data that are not public lie apart, and all rows go when their time is over."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mergeline.pipeline import run_pipeline
from mergeline.pipeline.curves import curves
from mergeline.pipeline.json_file import read_json, write_json
from mergeline.pipeline.predictions import Predictions
from mergeline.pipeline.retention import expire
from mergeline.pipeline.scoring import TestSet
from pipeline.loans import DATA, loans
from pipeline.workspace import NOON, statuses

STEPS = ("data", "features", "train", "evaluate", "package")
ACCESS = "    access: {teams: [risk-analytics]}\n"


@pytest.fixture
def work(loans_model):
    """Loans at an address, which nothing limits yet."""
    (loans_model.root / "stored").mkdir()
    loans().to_parquet(loans_model.root / "stored/loans.parquet", index=False)
    loans_model.source(f"type: uri, uri: 'file://{loans_model.root}/stored/loans.parquet'")
    return loans_model


def limited(work, text):
    work.edit(DATA, "    columns:\n", f"{text}    columns:\n")


def run(work, days=0):
    """Run the model some days later."""
    context = replace(work.context("loans"), clock=lambda: NOON + timedelta(days=days))
    result = run_pipeline(context)
    assert result.outcome == "passed", result.findings
    return result


def with_rows(root: Path) -> set[str]:
    """The folders below the state that hold rows, as they are or in a model."""
    state = root / ".mergeline"
    files = [path for path in state.rglob("*") if path.suffix in (".parquet", ".skops")]
    files += [path for path in state.glob("**/sha256/*/*") if path.is_file()]
    return {path.relative_to(state).parts[0] for path in files}


@pytest.mark.parametrize("limit", [pytest.param(ACCESS, marks=pytest.mark.slow), "pii"])
def test_rows_of_data_that_are_not_public_are_in_the_private_folder_alone(work, limit):
    if limit == "pii":
        work.edit(DATA, "nullable: true, pii: false", "nullable: true, pii: true")
    else:
        limited(work, limit)
    result = run(work)

    assert with_rows(work.root) == {"private"}
    private = work.root / ".mergeline/private"
    assert private.stat().st_mode & 0o777 == 0o700
    assert {Path(result.paths[step]).parts[:3] for step in STEPS} == {
        (".mergeline", "private", "cache")
    }
    assert statuses(run(work)) == dict.fromkeys(STEPS, "cached") | {"record": "skipped"}


@pytest.mark.slow
def test_rows_of_public_data_are_not_there(work):
    run(work)

    assert with_rows(work.root) == {"data", "cache"}


@pytest.mark.slow
def test_what_was_shared_goes_when_the_data_are_public_no_longer(work):
    run(work)
    limited(work, ACCESS)
    run(work)

    assert with_rows(work.root) == {"private"}


@pytest.mark.slow
def test_a_cached_run_deletes_what_is_over_before_it_looks(work):
    limited(work, ACCESS)
    work.edit(DATA, "retention: null", "retention: 30d")
    run(work)
    assert set(statuses(run(work, days=29)).values()) == {"cached", "skipped"}
    before = {path: path.stat().st_mtime_ns for path in tables(work)}
    assert before

    # Read anew from the source: nothing of the month before is left.
    assert statuses(run(work, days=30)) == dict.fromkeys(STEPS, "ran") | {"record": "skipped"}
    assert {path: path.stat().st_mtime_ns for path in tables(work)}.items().isdisjoint(
        before.items()
    )


def tables(work):
    return sorted((work.root / ".mergeline").rglob("*.parquet"))


@pytest.mark.slow
def test_what_is_over_goes_whatever_model_runs(work):
    work.edit(DATA, "retention: null", "retention: 30d")
    run(work)
    expire(work.root / ".mergeline", NOON + timedelta(days=29))
    assert with_rows(work.root) == {"data", "cache"}
    expire(work.root / ".mergeline", NOON + timedelta(days=30))
    assert with_rows(work.root) == set()


@pytest.mark.slow
def test_a_shorter_retention_holds_for_what_is_there(work):
    work.edit(DATA, "retention: null", "retention: 90d")
    run(work)
    (work.root / "stored/loans.parquet").unlink()
    work.edit(DATA, "retention: 90d", "retention: 30d")
    context = replace(work.context("loans"), clock=lambda: NOON + timedelta(days=40))

    [issue] = run_pipeline(context).findings
    assert issue.rule == "data-not-found"
    assert with_rows(work.root) == set()


@pytest.mark.slow
@pytest.mark.parametrize("private", [False, True])
def test_what_a_failed_step_left_goes_too(work, private):
    if private:
        limited(work, ACCESS)
    work.edit(DATA, "retention: null", "retention: 30d")
    path = "models/loans/evaluation.yaml"
    work.edit(path, "greater_is_better: true", "greater_is_better: true, threshold: 0.999")
    result = work.run("loans")
    assert statuses(result)["evaluate"] == "failed"
    aside = work.root / result.paths["evaluate"]
    assert aside.is_dir()
    assert aside.is_relative_to(work.root / ".mergeline/private") == private
    expire(work.root / ".mergeline", NOON + timedelta(days=30))
    assert not aside.exists()


@pytest.mark.slow
def test_what_a_killed_run_left_goes_within_a_day(work):
    run(work)
    left = work.root / ".mergeline/data/shared/work/left"
    left.mkdir()
    (left / "fetched").write_text("rows")
    expire(work.root / ".mergeline", NOON)
    assert left.exists()
    os.utime(left, (0, 0))
    expire(work.root / ".mergeline", NOON)
    assert not left.exists()


def test_personal_data_of_an_earlier_version_move_to_the_private_folder(work):
    old = work.root / ".mergeline/data/personal/sha256/ab"
    old.mkdir(parents=True)
    (old / "abcd").write_text("rows")
    expire(work.root / ".mergeline", NOON)
    assert (work.root / ".mergeline/private/data/sha256/ab/abcd").read_text() == "rows"
    assert not (work.root / ".mergeline/data/personal").exists()


@pytest.mark.slow
def test_entries_that_do_not_say_what_they_were_made_from_go(work):
    result = run(work)
    manifest = work.root / result.paths["data"] / "manifest.json"
    said = read_json(manifest)
    del said["origin"]
    write_json(manifest, said)
    expire(work.root / ".mergeline", NOON)
    assert not manifest.parent.exists()


def test_no_point_of_a_plot_is_a_row_of_data_that_are_limited():
    random = np.random.RandomState(0)
    truth = random.normal(0, 100, 205)
    predicted = truth + random.normal(0, 1, 205)
    test = TestSet(pd.DataFrame({"row": range(205)}), truth)
    drawn = curves(test, Predictions(predicted), quotable=True)["residuals"]
    assert len(drawn["actual"]) == 205
    hidden = curves(test, Predictions(predicted), quotable=False)["residuals"]
    assert len(hidden["actual"]) == 20
    assert not set(hidden["actual"]) & set(drawn["actual"])
    assert np.mean(hidden["residual"]) == pytest.approx(np.mean(drawn["residual"]), abs=0.05)
    few = TestSet(pd.DataFrame({"row": range(9)}), truth[:9])
    assert curves(few, Predictions(predicted[:9]), quotable=False)["residuals"]["actual"] == []


def test_no_value_of_a_row_is_in_the_findings_of_data_that_are_limited(work):
    work.edit(
        DATA,
        "    columns:\n",
        "    expectations:\n"
        "      - type: expect_column_values_to_be_between\n"
        "        kwargs: {column: number, max_value: 19000}\n"
        "      - type: expect_column_max_to_be_between\n"
        "        kwargs: {column: number, max_value: 19000}\n"
        "      - type: expect_table_row_count_to_equal\n"
        "        kwargs: {value: 7}\n"
        "    columns:\n",
    )
    said = [issue.message for issue in work.run("loans").findings]
    assert "19001" in said[0]
    assert "19999" in said[1]
    limited(work, ACCESS)
    said = [issue.message for issue in work.run("loans").findings]
    assert "999 unexpected" in said[0]
    assert "example" not in said[0]
    assert "observed" not in said[1]
    assert "observed 20000" in said[2]
