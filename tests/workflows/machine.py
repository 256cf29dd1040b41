"""The machine that act runs jobs on: what is installed there, and what the stand-ins find.

See actions/README.md for what each stand-in is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from loop.world import BOT, seed
from mergeline.scaffold.layout import LOCKFILE, PIN, SET_UP, Organization, layout

from .conftest import ROOT

KEY = "the App's private key"


def seed_with_workflows(directory: Path) -> None:
    """The world's own files, and what else `mergeline init` lays down for the workflows."""
    seed(directory)
    laid = layout(Organization())
    for path in (SET_UP, PIN):
        (directory / path).parent.mkdir(exist_ok=True)
        (directory / path).write_bytes(laid[path])
    (directory / SET_UP).chmod(0o755)
    (directory / ".gitignore").write_text(".mergeline/\n__pycache__/\n.venv/\nreports/\nresults/\n")
    done = subprocess.run(
        [sys.executable, "-m", "mergeline", "-C", directory, "workflows"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def prepared(home: Path, repository: Path) -> dict[str, str]:
    """Make the machine; the environment that a runner on it starts with.

    Args:
        home: an empty folder for everything on it.
        repository: a clone whose locked dependencies its caches hold.
    """
    for name in ("cache", "artifacts", "config/act", "home"):
        (home / name).mkdir(parents=True)
    # Without it, act asks which images it shall use.
    (home / "config/act/actrc").touch()
    _provide_dependencies(home, repository)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home / "home"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        # Whatever would be installed is there, or the test is broken.
        "PIP_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "STAND_IN_PYTHON": str(home / "python"),
        "STAND_IN_CACHE": str(home / "cache"),
        "STAND_IN_ARTIFACTS": str(home / "artifacts"),
        "STAND_IN_APP_KEY": KEY,
        "STAND_IN_APP_TOKEN": BOT.token,
    }


def _provide_dependencies(home: Path, repository: Path) -> None:
    """Stand in for the package index: what is locked is installed here already.

    A new virtual environment sees all that these tests run with. `scripts/set-up` makes it
    and then finds every requirement satisfied; the cache of dependencies holds it as well.
    """
    place = home / "environment"
    _make_environment(place)
    python = home / "python"
    make = f'if [ "$1 $2" = "-m venv" ]; then exec cp -R {place} "$3"; fi'
    python.write_text(f'#!/bin/sh\n{make}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    cached = home / "cache/refs%2Fheads%2Fmain/venv_*"
    shutil.copytree(place, cached, symlinks=True)
    content = b"".join((repository / path).read_bytes() for path in (LOCKFILE, PIN))
    stamp = ["git", "hash-object", "--stdin"]
    done = subprocess.run(stamp, input=content, capture_output=True, check=True)
    (cached / "mergeline-set-up").write_bytes(done.stdout)


def _make_environment(place: Path) -> None:
    home = Path(sys.executable).parents[1]
    packages = next((home / "lib").glob("python3*/site-packages"))
    mine = place / "lib" / packages.parent.name / "site-packages"
    mine.mkdir(parents=True)
    engine = str(ROOT / "src")
    (mine / "tests.pth").write_text(
        f"import site, sys; site.addsitedir({str(packages)!r}); sys.path.insert(0, {engine!r})\n"
    )
    (place / "bin").mkdir()
    (place / "bin/python").symlink_to(Path(sys.executable).resolve())
    shutil.copy(home / "pyvenv.cfg", place)
    command = place / "bin/mergeline"
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m mergeline "$@"\n')
    command.chmod(0o755)
