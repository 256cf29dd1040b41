"""What children are forked from: `python -P -s -m mergeline.sandbox.server CHANNEL MODULE ...`.

It has an environment without secrets, imports the libraries once, and runs nothing itself. It
takes two requests on its channel: `start` with a Job and the child's socket, which it answers with
the child's process, and `end` with a process, which it kills and answers with how that ended.
When the parent is gone, it kills all children and ends.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
from typing import Literal

import msgspec

from mergeline.sandbox.child import Job, serve

_AT_MOST = 1 << 16


class Request(msgspec.Struct, frozen=True):
    """What the parent asks for: a child for a job, or the end of a process."""

    start: Job | None = None
    end: int | None = None


class Ended(msgspec.Struct, frozen=True):
    """How a child ended: its exit code, or minus the signal; and the bytes it had at most."""

    status: int
    peak: int


def main(arguments: list[str]) -> int:
    """Serve until the parent hangs up."""
    channel = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in arguments[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    channel.send(b"ready")
    children: set[int] = set()
    try:
        while (found := socket.recv_fds(channel, _AT_MOST, 1))[0]:
            request = msgspec.json.decode(found[0], type=Request)
            if request.start is not None:
                answer: object = _start(channel, request.start, found[1][0])
                children.add(int(str(answer)))
            else:
                answer = _end(children, request.end or 0)
            channel.send(msgspec.json.encode(answer))
    finally:
        for process in list(children):
            _end(children, process)
    return 0


def _start(channel: socket.socket, job: Job, descriptor: int) -> int:
    process = os.fork()
    if process:
        os.close(descriptor)
        return process
    status: Literal[0, 1] = 1
    try:
        channel.close()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        serve(socket.socket(fileno=descriptor), job)
        status = 0
    finally:
        # Nothing of the server's is for the child to clean up.
        os._exit(status)


def _end(children: set[int], process: int) -> Ended:
    if process not in children:
        return Ended(0, 0)
    children.discard(process)
    # It may have started others, where nothing keeps it from that.
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(process, signal.SIGKILL)
    _, status, usage = os.wait4(process, 0)
    return Ended(os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
