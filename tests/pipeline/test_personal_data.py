"""What data.yaml says of personal data is made true, or the run fails."""

from __future__ import annotations

import pandas as pd
import pytest

DATA = "models/toy/data.yaml"
EMAIL = "name: email, type: string, pii: true"
PLAIN = 'f"customer-{number}@example.com"'
HASHED = '__import__("hashlib").sha256(f"{seed}{number}".encode()).hexdigest()'


def written(work, result):
    """The columns of every table that the run wrote, and all of its bytes."""
    files = [
        file
        for path in result.paths.values()
        for file in (work.root / path).rglob("*")
        if file.is_file()
    ]
    tables = [pd.read_parquet(file) for file in files if file.suffix == ".parquet"]
    assert len(tables) >= 4
    columns = {str(column) for table in tables for column in table.columns}
    values = {str(value) for table in tables for value in table.to_numpy().ravel()}
    return columns, values, b"".join(file.read_bytes() for file in files)


@pytest.mark.slow
def test_a_dropped_column_is_checked_and_goes_no_further(work):
    before = work.run("toy")
    columns, values, content = written(work, before)
    assert "email" in columns
    assert "customer-7@example.com" in values
    work.edit(DATA, EMAIL, f"{EMAIL}, pii_treatment: dropped")
    after = work.run("toy")
    assert after.outcome == "passed"
    assert after.digests["dataset"] == before.digests["dataset"]
    columns, values, content = written(work, after)
    assert "email" not in columns
    assert not any("@example.com" in value for value in values)
    assert b"@example.com" not in content
    work.edit(DATA, EMAIL, EMAIL.replace("email", "mail"))
    assert [issue.rule for issue in work.run("toy").findings] == [
        "column-undeclared",
        "column-missing",
    ]


@pytest.mark.slow
def test_a_hashed_column_holds_digests_or_the_run_fails(work):
    work.edit(DATA, EMAIL, f"{EMAIL}, pii_treatment: hashed")
    [issue] = work.run("toy").findings
    assert issue.rule == "column-not-hashed"
    assert "@" not in f"{issue.message}{issue.hint}"
    work.edit("models/toy/source.py", PLAIN, HASHED)
    [issue] = work.run("toy").findings
    assert issue.rule == "digest-mismatch"
    found = issue.hint.rpartition(" ")[2]
    [old] = [line for line in (work.root / DATA).read_text().splitlines() if "digest:" in line]
    work.edit(DATA, old, f"    digest: {found}")
    result = work.run("toy")
    assert result.outcome == "passed", result.findings
    assert "email" in written(work, result)[0]
