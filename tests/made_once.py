"""What takes long to make, made once: for all workers of a run, and for the runs of a day.

It is kept under ${XDG_CACHE_HOME:-~/.cache}/mergeline/tests, by what it is made of. Whoever needs
it first makes it, and the others wait; what is left half made is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.git import program_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[1]
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mergeline/tests"
# What everything is made of: the engine, and what it reads of this repository.
SOURCES = ("src", "models", "policies", "pipelines", "requirements", "pyproject.toml")
HOURS_UNUSED = 6


def made_once(name: str, make: Callable[[Path], None], *made_of: str) -> Path:
    """Return the folder that `make` has filled: to be copied, not to be changed.

    Args:
        name: what it is.
        make: fills an empty folder, which stays where it is.
        made_of: the files of the tests that it is made by.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    _prune()
    home = KEPT / f"{name}-{_digest(made_of)}"
    # The lock goes with the process that holds it, however that ends.
    with Path(f"{home}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder, complete = home / "made", home / "complete"
        if not complete.exists():
            shutil.rmtree(home, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            complete.touch()
        os.utime(home)
    return folder


@cache
def _digest(made_of: tuple[str, ...]) -> str:
    """Return what stands for its content: of a day, as approvals and records grow old."""
    installed = sorted(f"{one.name} {one.version}" for one in distributions())
    system = (f"{datetime.now(UTC):%F}", sys.version, sys.prefix, program_version(), installed)
    about = hashlib.sha256(repr(system).encode())
    for path in _files([*map(ROOT.joinpath, SOURCES), *map(Path, made_of)]):
        content = path.read_bytes()
        about.update(f"{path} {len(content)}\n".encode())
        about.update(content)
    return about.hexdigest()[:16]


def _files(tops: Iterable[Path]) -> Iterator[Path]:
    for top in tops:
        found = sorted(top.rglob("*")) if top.is_dir() else [top]
        yield from (path for path in found if path.is_file() and path.suffix != ".pyc")


@cache
def _prune() -> None:
    """Remove what no run has used for long; none of them takes so long."""
    for path in KEPT.iterdir():
        try:
            old = time.time() - path.stat().st_mtime > HOURS_UNUSED * 3600
        except FileNotFoundError:
            continue
        if old and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif old:
            path.unlink(missing_ok=True)
