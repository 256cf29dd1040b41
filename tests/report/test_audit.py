"""Rows of an audit in a terminal and in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from mergeline.audit.fetches import Fetch
from mergeline.report.audit import fetches_csv


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ada", "ada"),
        ("=1+1", "'=1+1"),
        ("\x1b[2Jada", "\\x1b[2Jada"),
        ("ada\r=1", "ada\\x0d=1"),
        ("a\nb, c", "a\nb, c"),
    ],
)
def test_a_name_is_no_command_in_csv(name: str, shown: str) -> None:
    fetch = Fetch(
        at="2026-01-01T00:00:00Z",
        person=name,
        named_by="git",
        model="m",
        dataset="d",
        uri="u",
        digest="sha256:1",
        content="sha256:0",
        by="source",
        run="local",
        recorded=("clone",),
    )
    [row] = csv.DictReader(io.StringIO(fetches_csv([fetch])))
    assert row["person"] == shown
