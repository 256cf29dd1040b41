"""The only place where Mergeline starts another program (Git apart: see `mergeline.git`)."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Completed:
    """What a finished program left: exit status and what it printed."""

    status: int
    stdout: str
    stderr: str


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> Completed:
    """Run a program to its end; its exit status is for the caller to judge.

    Args:
        command: the program and its arguments; no shell sees them.
        cwd: the directory to run in.
        env: the whole environment; None: this process's.
        timeout: seconds after which the program is killed.

    Raises:
        ToolError: the program is not there, or did not finish in time.
    """
    try:
        done = subprocess.run(
            list(command),
            cwd=cwd,
            env=env,
            timeout=timeout,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not installed", hint="put it on PATH") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"{command[0]} did not finish within {timeout:g} s") from None
    return Completed(done.returncode, done.stdout, done.stderr)


def start(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stderr: int = subprocess.DEVNULL,
    descriptors: Collection[int] = (),
) -> subprocess.Popen[str]:
    """Start a program that serves until it is stopped; its standard output can be read.

    Args:
        command: the program and its arguments; no shell sees them.
        cwd: the directory to run in.
        env: the whole environment; None: this process's.
        stderr: where its errors go.
        descriptors: open files of this process that it gets too, under the same numbers.

    Raises:
        ToolError: the program is not there.
    """
    try:
        return subprocess.Popen(
            list(command),
            cwd=cwd,
            env=env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            pass_fds=descriptors,
        )
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not installed", hint="put it on PATH") from None
