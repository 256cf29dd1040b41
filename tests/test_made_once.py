"""What is made once is made once, by whoever needs it first, and whole or anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# NAME HOW LOG FILE: prints where the thing is; one that waits prints first that it makes it.
PROGRAM = """
import os, signal, sys
from pathlib import Path
from made_once import made_once

name, how, log, file = sys.argv[1:]

def make(folder):
    with open(log, "a") as lines:
        lines.write(name + "\\n")
    (folder / how).touch()
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "waits":
        print("makes", flush=True)
        sys.stdin.read()

print(made_once(name, make, file))
"""


@pytest.fixture
def start(tmp_path: Path):
    """Start a process that needs something; the file that it is made of, and who made it."""
    (tmp_path / "file").write_text("one")

    def started(how: str, name: str = "thing") -> subprocess.Popen[str]:
        arguments = (name, how, str(tmp_path / "log"), str(tmp_path / "file"))
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env=os.environ
            | {"XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parent)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return started


def end(process: subprocess.Popen[str]) -> Path:
    told, _ = process.communicate()
    assert process.returncode == 0
    return Path(told.splitlines()[-1])


@pytest.mark.slow
def test_two_at_once_make_it_once_and_who_comes_later_has_it(start, tmp_path: Path):
    first = start("waits")
    assert first.stdout.readline() == "makes\n"
    second = start("waits")
    # While another thing is made, the second comes to where it has to wait.
    end(start("meanwhile", "another"))
    folder = end(first)
    assert end(second) == end(start("later")) == folder
    assert [path.name for path in folder.iterdir()] == ["waits"]
    assert (tmp_path / "log").read_text() == "thing\nanother\n"


def test_what_was_left_half_made_is_made_anew(start):
    killed = start("killed")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in end(start("whole")).iterdir()] == ["whole"]


def test_what_it_is_made_of_changes(start, tmp_path: Path):
    folder = end(start("one"))
    (tmp_path / "file").write_text("other")
    other = end(start("other"))
    assert [path.name for path in (*folder.iterdir(), *other.iterdir())] == ["one", "other"]


@pytest.mark.slow
def test_what_nobody_uses_any_more_goes(start):
    old, used = end(start("old")), end(start("used", "used"))
    os.utime(old.parent, (0, 0))
    os.utime(f"{old.parent}.lock", (0, 0))
    end(start("new", "new"))
    kept = {path.name.partition("-")[0] for path in used.parents[1].iterdir()}
    assert kept == {"used", "new"}
