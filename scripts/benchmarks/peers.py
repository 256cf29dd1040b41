"""The environment of the peers: apart from Mergeline's own, with the same Python."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.process import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def peers(lock: Path, say: Callable[[str], None]) -> Path:
    """Return the `bin` directory of an environment that holds exactly what `lock` names.

    It is kept in `$XDG_CACHE_HOME/mergeline`, by the digest of the lock and the Python, so that
    it is made once for all checkouts. Bytecode is compiled, as `scripts/set-up` does for ours.

    Raises:
        ToolError: it cannot be made.
    """
    home = _home(lock)
    home.parent.mkdir(parents=True, exist_ok=True)
    with _alone(home.with_suffix(".lock")):
        if not _works(home):
            say(f"installing {lock.name} into {home}")
            shutil.rmtree(home, ignore_errors=True)
            _make(home, lock)
            _stamp(home).touch()
    return home / "bin"


def _home(lock: Path) -> Path:
    python = f"{sys.base_prefix} {sys.version}".encode()
    digest = hashlib.sha256(lock.read_bytes() + python).hexdigest()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache).absolute() / "mergeline" / f"benchmark-{digest[:16]}"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep a second run waiting while the first one makes the environment."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stamp(home: Path) -> Path:
    return home / "mergeline-complete"


def _works(home: Path) -> bool:
    """Was it made to the end, and is its Python still there?"""
    return _stamp(home).is_file() and (home / "bin" / "python").exists()


def _make(home: Path, lock: Path) -> None:
    made = run([sys.executable, "-m", "venv", str(home)])
    if made.status:
        raise ToolError("the peers' environment cannot be made", hint=made.stderr.strip())
    python = str(home / "bin" / "python")
    wanted = ["--quiet", "--require-hashes", "--requirement", str(lock)]
    uv = Path(sys.executable).with_name("uv")
    # As in scripts/set-up: uv is fast, but does not read pip's own configuration.
    if uv.is_file():
        command = [str(uv), "pip", "install", "--compile-bytecode", "--python", python, *wanted]
        if run(command).status == 0:
            return
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *wanted]
    done = run(pip, timeout=1800)
    if done.status:
        raise ToolError(f"{lock.name} cannot be installed", hint=done.stderr.strip())
