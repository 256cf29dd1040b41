"""Time whole programs, ours and the peer's by turns in one run, and sum the times up."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from statistics import median, quantiles
from typing import TYPE_CHECKING

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

# Linux counts in KiB, macOS in bytes.
_PER_MEBIBYTE = 1024**2 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Program:
    """A program to be timed from its start to its end.

    Attributes:
        command: the program and its arguments; no shell sees them.
        cwd: the directory to run in.
        env: the whole environment.
    """

    command: Sequence[str]
    cwd: Path
    env: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """The repetitions of one measurement, in the unit of its benchmark; at least one."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """The middle value."""
        return median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper quartile."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        lower, _, upper = quantiles(self.values, n=4, method="inclusive")
        return lower, upper


@dataclass(frozen=True, slots=True)
class Measured:
    """What one benchmark measured.

    Attributes:
        ours: of Mergeline.
        peer: of the tool beside it, or None where there is no sensible one.
    """

    ours: Sample
    peer: Sample | None

    @property
    def ratio(self) -> float | None:
        """Our median divided by the peer's: below 1, Mergeline is faster."""
        return None if self.peer is None else self.ours.median / self.peer.median

    @property
    def more(self) -> float | None:
        """By how much our median exceeds the peer's, in the unit of the benchmark."""
        return None if self.peer is None else self.ours.median - self.peer.median


def seconds(program: Program) -> float:
    """Run a program once and return how long it took, its start and its end included.

    Raises:
        ToolError: it is not there, or it ended with another status than 0: what a failing
            program takes says nothing.
    """
    return _ran(program)[0]


def told_seconds(program: Program) -> float:
    """Run a program once and return the seconds that it prints, of what it measured itself.

    Raises:
        ToolError: it is not there, it ended with another status than 0, or prints no number.
    """
    said = _ran(program)[1]
    try:
        return float(said)
    except ValueError:
        raise ToolError(f"{program.command[0]} tells no seconds: {said[:80]}") from None


def _ran(program: Program) -> tuple[float, str]:
    """Run a program once; return how long it took, and what it printed."""
    started = time.perf_counter()
    try:
        done = subprocess.run(
            list(program.command),
            cwd=program.cwd,
            env=dict(program.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ToolError(f"{program.command[0]} is not installed") from None
    took = time.perf_counter() - started
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise ToolError(
            f"{' '.join(program.command)} ended with {done.returncode}, so it is not timed",
            hint=said or None,
        )
    return took, done.stdout.decode(errors="replace")


def cpu_seconds(program: Program) -> float:
    """Run a program once and return the processor time that it took, in seconds.

    Raises:
        ToolError: it is not there, or it ended with another status than 0.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(program)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_mebibytes(program: Program) -> float:
    """Run a program once and return the most memory that it or a process of its own held, in MiB.

    Raises:
        ToolError: it is not there, or it ended with another status than 0.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_peak, program).result()


def _peak(program: Program) -> float:
    """Measure in a process of its own: the system knows only the peak of all its children."""
    seconds(program)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _PER_MEBIBYTE


def compare(
    ours: Program,
    peer: Program | None,
    *,
    repetitions: int,
    once: Callable[[Program], float] = seconds,
) -> Measured:
    """Time both programs by turns, so that a busy machine is busy for both.

    Who goes first changes with each repetition. One run of each before that is not counted: it
    fills the file system's cache and writes Python's bytecode. What is measured but once, as it
    takes minutes, does without.

    Args:
        ours: of Mergeline.
        peer: beside it, or None.
        repetitions: how often each is timed; at least 1.
        once: runs a program and returns the value that is wanted of it.

    Raises:
        ToolError: one of the programs failed.
    """
    programs = [ours] if peer is None else [ours, peer]
    if repetitions > 1:
        for program in programs:
            once(program)
    values: list[list[float]] = [[] for _ in programs]
    for number in range(repetitions):
        order = range(len(programs))
        for index in reversed(order) if number % 2 else order:
            values[index].append(once(programs[index]))
    samples = [Sample(tuple(series)) for series in values]
    return Measured(samples[0], samples[1] if peer is not None else None)
