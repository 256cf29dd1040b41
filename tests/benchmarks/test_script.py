from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark"


def benchmark(*arguments, cwd):
    return subprocess.run(
        [SCRIPT, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_json_on_a_real_benchmark(tmp_path):
    """The one test that makes the peers' environment; it is kept outside of the checkout."""
    done = benchmark("version", "--format", "json", "--repetitions", "3", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert list(row) == ["name", "unit", "ours", "peer", "ratio"]
    assert (row["name"], row["unit"]) == ("version", "s")
    assert row["ours"] > 0
    assert row["ratio"] > 0
    assert abs(row["ratio"] - row["ours"] / row["peer"]) < 0.001


def test_an_unknown_name(tmp_path):
    done = benchmark("speed", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert 'error: benchmark "speed" is not known' in done.stderr
    assert "  = help: known: version, validate, validate-cold, " in done.stderr


def test_no_repetitions_at_all(tmp_path):
    done = benchmark("version", "--repetitions", "0", cwd=tmp_path)

    assert done.returncode == 2
    assert "argument --repetitions: must be at least 1" in done.stderr
