"""The engine's side: start a child, ask it, take its files, and end it."""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import shutil
import socket
import stat
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import msgspec

from mergeline import process
from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.sandbox import messages
from mergeline.sandbox.child import LOG, Job
from mergeline.sandbox.confinement import Enforced, Limits
from mergeline.sandbox.server import Ended, Request

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping

    import pandas as pd

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
)
_STARTING = 60.0
_TAIL = 2_000


class SandboxError(Exception):
    """A call raised an exception in the child.

    Attributes:
        type: the name of its class.
        message: what it says.
        arguments: what it was made with, if those are plain values.
    """

    def __init__(self, failure: messages.Failure) -> None:
        super().__init__(f"{failure.type}: {failure.message}")
        self.type = failure.type
        self.message = failure.message
        self.arguments = failure.arguments


class Sandbox:
    """A child with one object in it; a context manager, at whose end nothing of it is left.

    Attributes:
        enforced: how it is held to its limits, a row for each subject.
        folder: the folder that it may write to.
    """

    enforced: tuple[Enforced, ...]
    folder: Path

    def __init__(
        self, kind: str, *, limits: Limits, readable: Iterable[Path] = (), what: str
    ) -> None:
        """Start a child; its object is made by the first call.

        Args:
            kind: the class of the object, as `module:Class`.
            limits: what the child may take.
            readable: files and folders that it may read beside the libraries.
            what: what it does, for messages: "training", for example.

        Raises:
            ToolError: it does not start.
        """
        self._what, self._limits = what, limits
        self._scratch = tempfile.TemporaryDirectory(prefix="mergeline-sandbox-")
        self.folder = Path(self._scratch.name).resolve() / "work"
        self.folder.mkdir(mode=0o700)
        paths = tuple(str(path.resolve()) for path in readable)
        self._channel, theirs = socket.socketpair()
        self._server = _running()
        try:
            self._process = self._server.start(Job(kind, str(self.folder), paths, limits), theirs)
            self._channel.settimeout(_STARTING)
            self.enforced = msgspec.convert(self._receive().value, tuple[Enforced, ...])
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()
        self._channel.settimeout(limits.seconds)

    _process: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, *arguments: Any, **named: Any) -> tuple[Any, Mapping[str, pd.DataFrame]]:
        """Make the object, at the first call; then call the method that the first argument names.

        Returns:
            The value, and the tables by name.

        Raises:
            SandboxError: it raised an exception.
            ToolError: an exception that says what the user can do; or the child ended, took too
                long, or answered what is no answer.
        """
        with self._told():
            messages.send(self._channel, pickle.dumps((arguments, named), protocol=5))
        found = self._receive()
        try:
            return found.value, {name: messages.table(one) for name, one in found.tables.items()}
        except ValueError as error:
            raise self._ended(f"answered with a damaged table: {error}") from None

    def take(self, name: str, target: Path) -> None:
        """Copy a file that the child wrote into its folder.

        Raises:
            ToolError: there is no such file, or it is none, or too long.
        """
        try:
            # What is a link or a pipe is not followed and not waited for.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            with open(os.open(self.folder / name, flags), "rb") as file:  # noqa: PTH123
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise self._ended(f"wrote no file {name}")
                if os.fstat(file.fileno()).st_size > self._limits.output:
                    raise self._ended(f"wrote more than {self._limits.output:,} bytes to {name}")
                with target.open("wb") as copy:
                    shutil.copyfileobj(file, copy)
        except OSError as error:
            raise self._ended(f"wrote no {name}: {error.strerror}") from None

    def close(self) -> None:
        """End the child and delete its folder."""
        self._channel.close()
        if self._process is not None:
            self._server.end(self._process)
            self._process = None
        self._scratch.cleanup()

    def _receive(self) -> messages.Answer:
        with self._told():
            try:
                found = messages.decoded(messages.receive(self._channel, self._limits.output))
            except ValueError as error:
                raise self._ended(f"gave no answer: {error}") from None
        if found.failure is None:
            return found
        if found.failure.type == "ToolError":
            place = found.failure.place and Location(*found.failure.place)
            raise ToolError(found.failure.message, hint=found.failure.hint, location=place)
        if found.failure.type == "MemoryError":
            raise self._short_of_memory()
        raise SandboxError(found.failure)

    @contextlib.contextmanager
    def _told(self) -> Any:
        """Say what became of a child that does not answer."""
        try:
            yield
        except TimeoutError:
            seconds = self._channel.gettimeout()
            message = f"{self._what} took longer than {seconds:g} s"
            self.close()
            hint = "raise resources.timeout in training.yaml, or make it quicker"
            raise ToolError(message, hint=hint) from None
        except (EOFError, OSError):
            raise self._over() from None

    def _over(self) -> ToolError:
        ended = None if self._process is None else self._server.end(self._process)
        self._process = None
        said = self._said()
        if ended is not None and ended.status == 0:
            return self._ended("ended before it was done", said)
        if ended is None:
            return self._ended("ended", said)
        how = f"signal {-ended.status}" if ended.status < 0 else f"exit code {ended.status}"
        return self._ended(f"ended with {how}", said)

    def _short_of_memory(self) -> ToolError:
        size = f"{self._limits.memory / (1 << 30):g} GiB"
        hint = "raise resources.memory in training.yaml, or make it smaller"
        return ToolError(f"{self._what} needs more memory than {size}", hint=hint)

    def _ended(self, how: str, said: str = "") -> ToolError:
        message = f"the process of {self._what} {how}"
        hint = f"it printed: {said}" if said else None
        return ToolError(message, hint=hint)

    def _said(self) -> str:
        with contextlib.suppress(OSError), (self.folder / LOG).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            return file.read().decode("utf-8", "replace").strip()
        return ""


class _Server:
    """The process that children are forked from."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        # What it prints as it starts says why it does not.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `stop`
        # -I would ignore PYTHONHASHSEED, which trainings depend on.
        command = [sys.executable, "-P", "-s", "-m", "mergeline.sandbox.server"]
        self._program: subprocess.Popen[str] = process.start(
            [*command, str(theirs.fileno()), *_LIBRARIES],
            cwd=Path("/"),
            env=environment(),
            stderr=self._errors.fileno(),
            descriptors=(theirs.fileno(),),
        )
        theirs.close()
        self._channel, self._ready, self._lock = ours, False, threading.Lock()

    @property
    def alive(self) -> bool:
        """Is it still there?"""
        return self._program.poll() is None

    def start(self, job: Job, theirs: socket.socket) -> int:
        """Fork a child that talks over a socket; its process."""
        request = msgspec.json.encode(Request(start=job))
        return msgspec.json.decode(self._ask(request, [theirs.fileno()]), type=int)

    def end(self, child: int) -> Ended | None:
        """Kill a child and what it started; None: the server is gone, and all its children."""
        try:
            return msgspec.json.decode(
                self._ask(msgspec.json.encode(Request(end=child))), type=Ended
            )
        except ToolError:
            return None

    def stop(self) -> None:
        """End it."""
        self._channel.close()
        self._program.wait()
        self._errors.close()

    def _ask(self, request: bytes, descriptors: Iterable[int] = ()) -> bytes:
        with self._lock:
            try:
                if not self._ready:
                    self._channel.settimeout(_STARTING)
                    self._ready = self._channel.recv(16) == b"ready"
                if self._ready:
                    socket.send_fds(self._channel, [request], list(descriptors))
                    if found := self._channel.recv(1 << 16):
                        return found
            except OSError:
                pass
        raise ToolError("the process that runs models' code does not start", hint=self._said())

    def _said(self) -> str | None:
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace").strip()[-_TAIL:] or None


_servers: dict[int, _Server] = {}
_starting = threading.Lock()


def _running() -> _Server:
    """Return this process's server; one that ended, or was a parent's of this one, is replaced."""
    with _starting:
        server = _servers.get(os.getpid())
        if server is None or not server.alive:
            if not _servers:
                atexit.register(_stop)
            server = _servers[os.getpid()] = _Server()
        return server


def _stop() -> None:
    if (server := _servers.pop(os.getpid(), None)) is not None:
        server.stop()


def warm_up() -> None:
    """Start what children are forked from, so that it imports the libraries meanwhile."""
    _running()


def environment() -> dict[str, str]:
    """Return the environment of a child: nothing in it is a secret."""
    kept = {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")
    }
    home = tempfile.gettempdir()
    return kept | {"PYTHONHASHSEED": "0", "MPLBACKEND": "agg", "HOME": home, "PYTHONUTF8": "1"}
