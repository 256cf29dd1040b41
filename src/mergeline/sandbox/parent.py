"""The engine's side: start a child, ask it, take its files, and end it."""

from __future__ import annotations

import builtins
import contextlib
import os
import pickle
import secrets
import select
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from mergeline import process
from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.findings import Location
from mergeline.sandbox import messages
from mergeline.sandbox.child import Job
from mergeline.sandbox.confinement import Enforced
from mergeline.sandbox.servers import own_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from mergeline.sandbox.confinement import Limits

_STARTING = 60.0
_TAIL = 2_000
# How often the files of a child are looked at, in seconds; and how many it may have.
_LOOK, _FILES = 1.0, 100_000
_LEFT_OUT = "its words are left out, as they may hold rows of data that are not public"
_RAISED = {one.__name__: one for one in (ToolError, RefusedError, UsageError)}


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


class Child:
    """A process with one object in it; a context manager, at whose end nothing of it is left.

    Attributes:
        folder: the folder that it works in.
    """

    folder: Path
    _process: int | None = None
    _helper: int | None = None
    _call: int = 0

    def __init__(
        self,
        kind: str,
        *,
        what: str,
        limits: Limits | None = None,
        readable: Iterable[Path] = (),
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Start a child; its object is made by the first call.

        Args:
            kind: the class of the object, as `module:Class`.
            what: what it does, for messages: "the training", for example.
            limits: what it may take; None: it is our own code, and may have children itself.
            readable: files and folders that it may read beside the libraries, if it has limits.
            say: told what is going on, by a child without limits.

        Raises:
            ToolError: it does not start.
        """
        self._what, self._limits, self._say = what, limits, say
        self._scratch = tempfile.TemporaryDirectory(prefix="mergeline-sandbox-")
        # What it prints goes to a file without a name.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self.folder = Path(self._scratch.name).resolve() / "work"
        self.folder.mkdir(mode=0o700)
        job = Job(kind, str(self.folder), limits, tuple(str(one.resolve()) for one in readable))
        self._channel, theirs = socket.socketpair()
        self._server = own_server()
        self._seconds: float | None = _STARTING
        try:
            self._process = self._start(job, theirs)
            found = self._receive().value
            self.enforced = msgspec.convert(found, tuple[Enforced, ...])
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()
        self._seconds = None if limits is None else limits.seconds

    def _start(self, job: Job, theirs: socket.socket) -> int:
        if job.limits is not None:
            return self._server.start(job, theirs.fileno(), self._log.fileno())
        one, other = socket.socketpair()
        with one, other:
            self._helper = self._server.fork(one)
            return self._server.start(job, theirs.fileno(), self._log.fileno(), other.fileno())

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
            self._channel.settimeout(self._seconds)
            self._call = secrets.randbits(63)
            content = pickle.dumps((self._call, arguments, named), protocol=5)
            messages.send(self._channel, content)
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
                with target.open("wb") as copy:
                    shutil.copyfileobj(file, copy)
        except OSError as error:
            raise self._ended(f"wrote no {name}: {error.strerror}") from None

    def close(self) -> None:
        """End the child and delete its folder."""
        self._channel.close()
        for one in (self._process, self._helper):
            if one is not None:
                self._server.end(one)
        self._process = self._helper = None
        self._log.close()
        try:
            self._scratch.cleanup()
        except RecursionError:
            # Folders in folders in folders.
            process.run(["rm", "-rf", "--", self._scratch.name])

    def _receive(self) -> messages.Answer:
        found = self._message()
        while found.said is not None and self._say is not None:
            self._say(found.said)
            found = self._message()
        if found.to != self._call:
            raise self._ended("answered what it was not asked")
        if found.failure is None:
            return found
        failure = _on_lines(found.failure)
        if self._silent:
            failure = _without_words(failure, self._what)
        if known := _RAISED.get(failure.type):
            place = failure.place and Location(*failure.place)
            raise known(failure.message, hint=failure.hint, location=place)
        if failure.type == "ModuleNotFoundError" and self._limits is None:
            # As if it had been imported here: the command line says what brings it.
            message, name = failure.arguments
            raise ModuleNotFoundError(message, name=name)
        if failure.type == "MemoryError":
            raise self._short_of_memory()
        raise SandboxError(failure)

    @property
    def _silent(self) -> bool:
        return self._limits is not None and self._limits.silent

    def _message(self) -> messages.Answer:
        at_most = self._limits.output if self._limits else messages.ANY_LENGTH
        # One deadline for all of it, the waiting for its first byte included.
        until = None if self._seconds is None else time.monotonic() + self._seconds
        with self._told():
            self._await(until)
            try:
                return messages.decoded(messages.receive(self._channel, at_most, until))
            except (ValueError, RecursionError) as error:
                raise self._ended(f"gave no answer: {error}") from None

    def _await(self, until: float | None) -> None:
        """Wait for the first byte of an answer, and end a child that fills the disk meanwhile.

        Raises:
            TimeoutError: it takes too long.
            ToolError: its files have become too long.
        """
        if self._limits is None or until is None:
            return
        while not select.select([self._channel], [], [], _LOOK)[0]:
            if time.monotonic() > until:
                raise TimeoutError
            if _written(self.folder) > self._limits.output:
                message = f"{self._what} wrote more than {self._limits.output:,} bytes of files"
                self.close()
                raise ToolError(message)

    @contextlib.contextmanager
    def _told(self) -> Any:
        """Say what became of a child that does not answer."""
        try:
            yield
        except TimeoutError:
            message = f"{self._what} took longer than {self._seconds:g} s"
            self.close()
            hint = "raise resources.timeout in training.yaml, or make it quicker"
            raise ToolError(message, hint=hint) from None
        except (EOFError, OSError):
            raise self._over() from None

    def _over(self) -> ToolError:
        ended = None if self._process is None else self._server.end(self._process)
        self._process = None
        said = self._said()
        if ended is None:
            return self._ended("ended", said)
        if ended == 0:
            return self._ended("ended before it was done", said)
        how = f"signal {-ended}" if ended < 0 else f"exit code {ended}"
        return self._ended(f"ended with {how}", said)

    def _short_of_memory(self) -> ToolError:
        if self._limits is None:
            return ToolError(f"{self._what} needs more memory than there is")
        size = f"{self._limits.memory / (1 << 30):g} GiB"
        hint = "raise resources.memory in training.yaml, or make it smaller"
        return ToolError(f"{self._what} needs more memory than {size}", hint=hint)

    def _ended(self, how: str, said: str = "") -> ToolError:
        message = f"the process of {self._what} {how}"
        hint = f"it printed: {said}" if said else None
        return ToolError(message, hint=hint)

    def _said(self) -> str:
        if self._silent:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), _TAIL, max(0, size - _TAIL))
        return _one_line(tail.decode("utf-8", "replace"))


class Sandbox(Child):
    """A child that is confined.

    Attributes:
        enforced: how it is held to its limits, a row for each subject.
    """

    enforced: tuple[Enforced, ...]

    def __init__(
        self, kind: str, *, limits: Limits, readable: Iterable[Path] = (), what: str
    ) -> None:
        """Start a child that may write to its folder, and read that, the libraries and `readable`.

        Raises:
            ToolError: it does not start.
        """
        super().__init__(kind, what=what, limits=limits, readable=readable)


def _on_lines(failure: messages.Failure) -> messages.Failure:
    """Return a failure each text of which is on one line."""
    plain = (_one_line(one) if isinstance(one, str) else one for one in failure.arguments)
    return msgspec.structs.replace(
        failure,
        type=_one_line(failure.type),
        message=_one_line(failure.message),
        hint=failure.hint and _one_line(failure.hint),
        arguments=tuple(plain),
    )


def _without_words(failure: messages.Failure, what: str) -> messages.Failure:
    """Return a failure without what may quote rows; which function was asked for comes from us."""
    asked = failure.type in ("ModuleNotFoundError", "UnknownFunctionError")
    arguments, message = failure.arguments, _LEFT_OUT
    if not asked:
        # What it is about stays, a feature for example.
        arguments = (*arguments[:1], *(_LEFT_OUT for _ in arguments[1:]))
    if failure.type in _RAISED:
        known = isinstance(getattr(builtins, failure.cause, None), type)
        message = f"{what} raised {failure.cause if known else 'an error'}: {message}"
    return msgspec.structs.replace(failure, message=message, hint=None, arguments=arguments)


def _one_line(text: str) -> str:
    """Return a text on one line: runners of workflows take lines of a log for commands."""
    return " ".join(text.split())


def _written(folder: Path) -> float:
    """Return the bytes that the files in a folder take; more files than make sense are too many."""
    found = 0
    for number, path in enumerate(folder.rglob("*")):
        with contextlib.suppress(OSError):
            found += path.lstat().st_blocks * 512
        if number > _FILES:
            return float("inf")
    return found
