"""The engine's servers: one for this process, which starts it when it is first needed."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from mergeline import process
from mergeline.errors import ToolError
from mergeline.sandbox.child import Job

if TYPE_CHECKING:
    import subprocess

# What the libraries of models need of this process's environment: how to find and read
# themselves, how to write texts, and which devices and threads are theirs.
_KEPT = frozenset(
    (
        *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LANGUAGE", "TZ"),
        *("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"),
        *("VECLIB_MAXIMUM_THREADS", "MKL_CBWR"),
    )
)
# Imported once for all children.
_LIBRARIES = (
    *("numpy", "pandas", "pyarrow", "pyarrow.parquet", "py_landlock", "pyseccomp"),
    *("threadpoolctl", "joblib", "scipy.sparse", "sklearn.pipeline", "sklearn.compose"),
    *("sklearn.ensemble", "sklearn.linear_model", "sklearn.preprocessing", "skops.io"),
    *("great_expectations", "great_expectations.expectations", "mlflow.sklearn"),
)
_STARTING = 60.0
_TAIL = 2_000


class Request(msgspec.Struct, frozen=True):
    """What is asked of a server: a child for a job, another server, or the end of a process."""

    start: Job | None = None
    serve: bool = False
    end: int | None = None


class Server:
    """A process that children are forked from."""

    def __init__(
        self,
        channel: socket.socket,
        program: subprocess.Popen[str] | None = None,
        errors: IO[bytes] | None = None,
    ) -> None:
        """Take the channel to a server; of one that was just started, program and errors."""
        self._channel, self._program, self._errors = channel, program, errors
        self._ready = program is None
        self._lock = threading.Lock()

    @property
    def alive(self) -> bool:
        """Is it still there, as far as this process can tell?"""
        return self._program is None or self._program.poll() is None

    def start(self, job: Job, *descriptors: int) -> int:
        """Fork a child with its socket, the file for what it prints, and a server's socket if any.

        Raises:
            ToolError: the server does not start, or is gone.
        """
        return self._forked(Request(start=job), descriptors)

    def fork(self, channel: socket.socket) -> int:
        """Fork a server that talks over a socket; its process.

        Raises:
            ToolError: the server does not start, or is gone.
        """
        return self._forked(Request(serve=True), (channel.fileno(),))

    def end(self, child: int) -> int | None:
        """Kill a child and what it started.

        Returns:
            Its exit code, or minus the signal; None: the server is gone, and all its children.
        """
        try:
            return msgspec.json.decode(self._ask(Request(end=child)), type=int)
        except ToolError:
            return None

    def stop(self) -> None:
        """End it."""
        self._channel.close()
        if self._program is not None:
            self._program.wait()

    def _forked(self, request: Request, descriptors: tuple[int, ...]) -> int:
        return msgspec.json.decode(self._ask(request, descriptors), type=int)

    def _ask(self, request: Request, descriptors: tuple[int, ...] = ()) -> bytes:
        with self._lock:
            try:
                if not self._ready:
                    self._channel.settimeout(_STARTING)
                    self._ready = self._channel.recv(16) == b"ready"
                if self._ready:
                    content = msgspec.json.encode(request)
                    socket.send_fds(self._channel, [content], list(descriptors))
                    if found := self._channel.recv(1 << 16):
                        return found
            except OSError:
                pass
        raise ToolError("the process that runs models' code does not start", hint=self._said())

    def _said(self) -> str | None:
        if self._errors is None:
            return None
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace").strip()[-_TAIL:] or None


_servers: dict[int, Server] = {}
_starting = threading.Lock()


def own_server() -> Server:
    """Return this process's server; one that ended, or was a parent's of this one, is replaced."""
    with _starting:
        server = _servers.get(os.getpid())
        if server is None or not server.alive:
            atexit.register(_stop)
            server = _servers[os.getpid()] = _started()
        return server


def adopt(channel: socket.socket) -> None:
    """Take a server that was forked for this process."""
    _servers[os.getpid()] = Server(channel)


def _started() -> Server:
    ours, theirs = socket.socketpair()
    # What it prints as it starts says why it does not.
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server
    # -I would ignore PYTHONHASHSEED, which trainings depend on.
    command = [sys.executable, "-P", "-s", "-m", "mergeline.sandbox.server"]
    program = process.start(
        [*command, str(theirs.fileno()), *_LIBRARIES],
        cwd=Path("/"),
        env=environment(),
        stderr=errors.fileno(),
        descriptors=(theirs.fileno(),),
    )
    theirs.close()
    return Server(ours, program, errors)


def _stop() -> None:
    if (server := _servers.pop(os.getpid(), None)) is not None:
        server.stop()


def environment() -> dict[str, str]:
    """Return the environment of a child: nothing in it is a secret."""
    kept = {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")
    }
    home = tempfile.gettempdir()
    return kept | {"PYTHONHASHSEED": "0", "MPLBACKEND": "agg", "HOME": home, "PYTHONUTF8": "1"}
