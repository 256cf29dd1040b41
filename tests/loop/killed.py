"""The command in a process of its own, that can be killed: at a write, or at any moment."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import socket
import sys
from typing import TYPE_CHECKING

from loop.world import BOT
from mergeline import cli
from mergeline.sandbox.servers import adopt, own_server

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from loop.world import World

# Each process is forked from one that has loaded what is heavy, and has no threads.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["mlflow", "mlflow.sklearn", "mergeline.cli", "regopy", "great_expectations"]
)
KILLED = -signal.SIGKILL
_CHANGES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)


def start(world: World, *arguments: str, die_at: int = 0) -> BaseProcess:
    """Start the command as the bot.

    Args:
        world: where.
        arguments: of the command.
        die_at: the number of the write before which the process kills itself; 0: none.
    """
    environ = dict(os.environ) | {"GITHUB_TOKEN": BOT.token}
    call = ["-C", str(world.clone), *arguments]
    # It has its own server for models' code, forked from ours: the libraries are imported once.
    ours, theirs = socket.socketpair()
    with ours, theirs:
        own_server().fork(ours)
        given = (call, environ, _log(world), die_at, theirs)
        process = _CONTEXT.Process(target=_main, args=given)
        process.start()
    return process


def finish(world: World, process: BaseProcess) -> int:
    """Wait for the end; the exit code, `KILLED`, or a failure that shows what was printed."""
    process.join(300)
    code = process.exitcode
    assert code in (0, KILLED), f"{code}: {_log(world).read_text()}"
    return code


def _log(world: World) -> Path:
    return world.clone.parent / "process.log"


def _main(
    arguments: list[str], environ: dict[str, str], log: Path, die_at: int, server: socket.socket
) -> None:
    adopt(server)
    os.environ.clear()
    os.environ.update(environ)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    if die_at:
        _die_at(die_at)
    sys.exit(cli.main(arguments))


def _die_at(number: int) -> None:
    """Kill this process before its n-th write: a commit of the store, a rename, a push of Git.

    Of commits that change the same tables, such as one metric after another, the first counts.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Connection, Engine

    left = number
    changed: set[str] = set()
    kinds: set[frozenset[str]] = {frozenset()}

    def write() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(_: Connection, __: object, statement: str, *___: object) -> None:
        found = _CHANGES.match(statement)
        if found:
            changed.add(found[1])

    def commit(_: Connection) -> None:
        kind = frozenset(changed)
        changed.clear()
        if kind not in kinds:
            kinds.add(kind)
            write()

    def hear(name: str, given: tuple[object, ...]) -> None:
        if name == "os.rename" or (name == "subprocess.Popen" and "push" in given[1]):
            write()

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    sys.addaudithook(hear)
