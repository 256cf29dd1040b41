"""Three real registries: MLflow on a SQLite file, and servers on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve
from postgres import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server on a SQLite file that serves artifacts, too."""
    home = tmp_path_factory.mktemp("server")
    with _serving(home, f"sqlite:///{home}/server.db") as address:
        yield address


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same on PostgreSQL."""
    home = tmp_path_factory.mktemp("server")
    with postgres() as database, _serving(home, database) as address:
        yield address


@contextmanager
def _serving(home: Path, backend: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", backend,
        "--artifacts-destination", str(home / "artifacts"), "--workers", "1",
    ]  # fmt: skip
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=home, env=os.environ | quiet, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, home / "log")
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=60)


def _wait(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("server", marks=pytest.mark.slow),
        pytest.param("postgres_server", marks=pytest.mark.slow),
    ]
)
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> MlflowRegistry:
    environ = {}
    if request.param != "sqlite":
        environ["MLFLOW_TRACKING_URI"] = request.getfixturevalue(request.param)
    return MlflowRegistry(resolve(tmp_path, environ))
