"""What runs in a child: an object of ours, and calls to its methods."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pickle
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import MergelineError
from mergeline.sandbox.confinement import Enforced, Limits, confine
from mergeline.sandbox.messages import Failure, encoded, failed, line, receive, send

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_parent: list[socket.socket] = []
_PLAIN = (str, int, float, bool, type(None), list, tuple, dict)


class Job(msgspec.Struct, frozen=True):
    """What a child is for.

    Attributes:
        kind: the class of its object, as `module:Class`.
        folder: the folder that it works in.
        limits: what it may take; None: it is our own code, and not confined.
        readable: what it may read beside the libraries, if it is confined.
    """

    kind: str
    folder: str
    limits: Limits | None
    readable: tuple[str, ...] = ()


def say(text: str) -> None:
    """Tell the parent what is going on; from a child that is not confined."""
    if _parent:
        send(_parent[0], line(text))


def serve(channel: socket.socket, job: Job) -> None:
    """Confine this process, make the object, and answer calls until the parent hangs up.

    The first answer tells what is enforced: it is written before the model's code can say
    anything.
    """
    os.setsid()
    os.chdir(job.folder)
    enforced: list[Enforced] = []
    if job.limits is None:
        _parent.append(channel)
    else:
        enforced = confine(Path(job.folder), map(Path, job.readable), job.limits)
    send(channel, encoded(msgspec.to_builtins(enforced), {}))
    # What the server has is shared with it: nothing there is to be looked through again.
    gc.freeze()
    worker = _Worker(job.kind)
    with contextlib.suppress(EOFError):
        while True:
            # From the parent, which the child may trust.
            to, rest, more = pickle.loads(receive(channel))  # noqa: S301
            send(channel, _answer(worker.call, to, rest, more))


class _Worker:
    """The object of a job: the first call makes it, the others name a method."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._made: Any = None

    def call(self, *rest: Any, **more: Any) -> Any:
        if self._made is not None:
            return getattr(self._made, rest[0])(*rest[1:], **more)
        module, _, name = self._kind.partition(":")
        self._made = getattr(importlib.import_module(module), name)(*rest, **more)
        return None


def _answer(
    call: Callable[..., Any], to: int, rest: tuple[Any, ...], more: dict[str, Any]
) -> bytes:
    try:
        found = call(*rest, **more)
        value, tables = found if isinstance(found, tuple) else (found, {})
        return encoded(value, tables, to)
    except MergelineError as error:
        if isinstance(error.__cause__, MemoryError):
            return failed(Failure("MemoryError", ""), to)
        at = error.location
        place = None if at is None else (at.file, at.line, at.column)
        kind = type(error).__name__
        cause = "" if error.__cause__ is None else type(error.__cause__).__name__
        return failed(Failure(kind, error.message, hint=error.hint, place=place, cause=cause), to)
    except SystemExit as error:
        return failed(Failure("SystemExit", f"it ended the process with {error.code!r}"), to)
    except BaseException as error:  # noqa: BLE001 - whatever a model's code raises is an answer
        traceback.print_exc()
        return failed(Failure(type(error).__name__, _said(error), _plain(error)), to)


def _said(error: BaseException) -> str:
    with contextlib.suppress(Exception):
        return str(error)[:10_000]
    return ""


def _plain(error: BaseException) -> tuple[Any, ...]:
    if isinstance(error, ImportError):
        return str(error), error.name
    return error.args if all(isinstance(one, _PLAIN) for one in error.args) else ()


def redirect(log: int) -> None:
    """Print into a file that has no name, so that nobody puts another in its place."""
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
