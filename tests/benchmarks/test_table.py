from __future__ import annotations

import re
from pathlib import Path

import pytest
from table import BENCHMARKS, chosen

from mergeline.errors import UsageError


def test_all_benchmarks_without_a_name():
    assert chosen([]) == list(BENCHMARKS)


def test_chosen_ones_keep_the_order_of_the_table():
    assert [row.name for row in chosen(["run-noop", "version"])] == ["version", "run-noop"]


def test_an_unknown_name_is_refused_beside_a_known_one():
    with pytest.raises(UsageError, match='benchmark "speed" is not known') as caught:
        chosen(["version", "speed"])

    assert caught.value.hint == "known: " + ", ".join(row.name for row in BENCHMARKS)


def test_each_row_has_a_file_of_its_name():
    assert [row.prepare.__module__ for row in BENCHMARKS] == [
        row.name.replace("-", "_") for row in BENCHMARKS
    ]


def test_the_documentation_names_each_row():
    text = (Path(__file__).parents[2] / "docs" / "speed.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.M)

    assert named == [row.name for row in BENCHMARKS]
