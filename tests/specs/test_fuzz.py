"""No input gives a traceback, a hang over 5 s, or more than 500 MB: searched for by coverage.

What is found is kept, and its name is in the message.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

TARGET = Path(__file__).with_name("fuzz_specs.py")


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is for Linux on x86-64 only")
@pytest.mark.parametrize(
    "seconds",
    [pytest.param(20, marks=pytest.mark.slow), pytest.param(600, marks=pytest.mark.weekly)],
)
def test_no_input_breaks_loader_or_validator(tmp_path: Path, seconds: int):
    corpus, found = tmp_path / "corpus", tmp_path / "found"
    corpus.mkdir()
    found.mkdir()
    limits = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=500", "-max_len=20000"]
    # By a shell that waits: Linux counts the most memory that a process ever had from before its
    # exec, and what the tests hold is not the fuzzer's.
    fuzzer = [sys.executable, str(TARGET), str(corpus), *limits, f"-artifact_prefix={found}/"]
    done = subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", *fuzzer],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    kept = {path.name: path.read_bytes()[:2000] for path in found.iterdir()}
    assert (done.returncode, kept) == (0, {}), done.stderr[-4000:]
    runs = int(done.stderr.rpartition("Done ")[2].split()[0])
    assert runs > len(list(corpus.iterdir())) / 2
