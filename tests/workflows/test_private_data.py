"""What workflows save, restore and upload never holds a row of data that are not public."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePosixPath

import pytest

from pipeline.loans import DATA, laid_out, loans
from workflows.conftest import jobs

# The actions that carry files from one machine to others.
CARRIERS = ("actions/cache", "actions/upload-artifact", "actions/download-artifact")


def carried() -> list[str]:
    """The paths that any generated workflow saves, restores or uploads."""
    return sorted(
        {
            path.strip()
            for _, _, job in jobs()
            for step in job["steps"]
            if step.get("uses", "").startswith(CARRIERS) and "path" in step["with"]
            for path in step["with"]["path"].splitlines()
        }
    )


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The files with rows, or a model of them, that a run on data with readers leaves."""
    work = laid_out(tmp_path_factory.mktemp("loans"))
    (work.root / "stored").mkdir()
    loans().to_parquet(work.root / "stored/loans.parquet", index=False)
    work.source(f"type: uri, uri: 'file://{work.root}/stored/loans.parquet'", pii=True)
    work.edit(DATA, "    columns:\n", "    access: {teams: [risk-analytics]}\n    columns:\n")
    result = work.run("loans")
    assert result.outcome == "passed", result.findings
    files = [path for path in (work.root / ".mergeline").rglob("*") if path.is_file()]
    return [path.relative_to(work.root).as_posix() for path in files if path.name != "result.json"]


def holds(carrier: str, path: str) -> bool:
    """Does a path of a workflow, with its wildcards, take a file along?"""
    parts = [path, *(parent.as_posix() for parent in PurePosixPath(path).parents)]
    return any(fnmatch(part, carrier.rstrip("/")) for part in parts)


def test_no_workflow_carries_a_file_with_rows(rows):
    kept = {path.rpartition("/")[2] for path in rows}
    assert {"data.parquet", "train.parquet", "test.parquet", "model.skops"} <= kept
    assert ".mergeline/cache" in carried()
    assert [(one, path) for one in carried() for path in rows if holds(one, path)] == []


def test_whatever_a_workflow_carries_is_outside_of_the_private_folder():
    private = ".mergeline/private/cache/data/0/data.parquet"
    assert holds(".mergeline", private)
    assert [one for one in carried() if holds(one, private)] == []
    # A path that an expression makes could be any.
    assert [one for one in carried() if "${{" in one.removeprefix("${{ runner.temp }}/")] == []
