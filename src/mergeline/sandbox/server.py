"""What children are forked from: `python -P -s -m mergeline.sandbox.server CHANNEL MODULE ...`.

It has an environment without secrets, imports the libraries once, and runs nothing itself. It
takes three requests on its channel. `start`, with a Job, the child's socket and the file for what
it prints: it answers with the child's process. `serve`, with a socket: a fork that serves there,
for a child that needs children of its own; that child gets the other end as a second socket.
`end`, with a process: it kills that, and answers with how it ended. When the parent is gone, it
kills all children and ends.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys

import msgspec

from mergeline.sandbox.child import redirect, serve
from mergeline.sandbox.servers import Request, adopt

_AT_MOST = 1 << 16


def main(arguments: list[str]) -> int:
    """Import the libraries, and serve until the parent hangs up."""
    channel = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in arguments[1:]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    channel.send(b"ready")
    _serve(channel)
    return 0


def _serve(channel: socket.socket) -> None:
    children: set[int] = set()
    try:
        while (found := socket.recv_fds(channel, _AT_MOST, 3))[0]:
            request, descriptors = msgspec.json.decode(found[0], type=Request), found[1]
            if request.end is not None:
                answer = _end(children, request.end)
            else:
                answer = _fork(channel, request, descriptors)
                children.add(answer)
            channel.send(msgspec.json.encode(answer))
    finally:
        for process in list(children):
            _end(children, process)


def _fork(channel: socket.socket, request: Request, descriptors: list[int]) -> int:
    """Start a child; what it is given are its own descriptors."""
    process = os.fork()
    if process:
        for descriptor in descriptors:
            os.close(descriptor)
        return process
    status = 1
    try:
        channel.close()
        if request.start is None:
            _serve(socket.socket(fileno=descriptors[0]))
        else:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            talk, log, *own = descriptors
            for each in own:
                adopt(socket.socket(fileno=each))
            redirect(log)
            serve(socket.socket(fileno=talk), request.start)
        status = 0
    finally:
        # Nothing of the server's is for the child to clean up.
        os._exit(status)


def _end(children: set[int], process: int) -> int:
    if process not in children:
        return 0
    children.discard(process)
    # It may have started others, where nothing keeps it from that.
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
