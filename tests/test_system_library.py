"""A library that the system lacks is named, with what brings it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from mergeline.system_library import missing_shared_library

if TYPE_CHECKING:
    from pathlib import Path

GLIBC = "libgomp.so.1: cannot open shared object file: No such file or directory"
MUSL = (
    "Error loading shared library libgomp.so.1: No such file or directory "
    "(needed by /venv/lib/python3.13/site-packages/sklearn/_openmp.so)"
)
OLD = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /venv/x.so)"


@pytest.mark.parametrize("text", [GLIBC, MUSL])
@pytest.mark.parametrize("kind", [ImportError, OSError])
def test_a_library_that_is_known(kind: type[Exception], text: str):
    said = missing_shared_library(kind(text))
    assert said.message == "this system has no libgomp.so.1"
    assert said.hint == (
        "apt-get install libgomp1 on Debian and Ubuntu, "
        "dnf install libgomp on Fedora, apk add libgomp on Alpine"
    )


def test_what_the_loader_of_this_system_says():
    with pytest.raises(OSError, match="libabsent") as caught:
        ctypes.CDLL("libabsent.so.7")
    assert missing_shared_library(caught.value).message == "this system has no libabsent.so.7"


def test_a_library_that_is_too_old():
    assert missing_shared_library(ImportError(OLD)).message.endswith(
        "too old: GLIBC_2.38 is needed"
    )


def test_a_package_that_says_it_in_its_own_words():
    error = RuntimeError("PLEASE READ THIS")
    error.__cause__ = ImportError(GLIBC)
    assert missing_shared_library(error).message == "this system has no libgomp.so.1"


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'sklearn'"),
        FileNotFoundError(2, "No such file or directory", "libgomp.so.1"),
        ValueError(GLIBC),
    ],
)
def test_everything_else_is_none(error: Exception):
    assert missing_shared_library(error) is None


def test_a_command_ends_with_3_and_not_as_a_bug(tmp_path: Path):
    # msgspec, which every command needs, with a shared object that needs what there is not.
    [place] = find_spec("msgspec").submodule_search_locations
    shutil.copytree(place, tmp_path / "msgspec")
    [core] = (tmp_path / "msgspec").glob("_core*.so")
    content = core.read_bytes()
    assert b"libc.so.6" in content
    core.write_bytes(content.replace(b"libc.so.6\0", b"libx.so.6\0"))
    (tmp_path / "models").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "mergeline", "-C", str(tmp_path), "validate"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr == (
        "error: this system has no libx.so.6\n"
        "  = help: install the package that brings it: apt-file search libx.so.6\n"
    )
