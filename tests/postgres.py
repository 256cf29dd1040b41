"""A PostgreSQL server of a test's own, from the binaries that Debian's `postgresql` brings."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server on a socket in a folder of its own, give SQLAlchemy's URL, and stop it.

    Without the binaries a test is skipped, but fails in continuous integration.
    """
    if not _BINARIES:
        reason = "there is no PostgreSQL server: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    binaries, home = _BINARIES[-1], Path(tempfile.mkdtemp(prefix="mergeline-pg-"))
    # PostgreSQL refuses to be run by root.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    shutil.chown(home, user)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, *arguments],
            user=user if os.geteuid() == 0 else None,
            cwd=home,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    data = str(home / "data")
    try:
        call("initdb", "--pgdata", data, "--auth", "trust", "--username", "tester", "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        start = ["--pgdata", data, "--options", settings, "--log", str(home / "log"), "--wait"]
        call("pg_ctl", "start", *start)
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={home}"
        finally:
            call("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait")
    finally:
        shutil.rmtree(home, ignore_errors=True)
