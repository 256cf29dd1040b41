"""What a benchmark is: a row of `table.py` whose `prepare` stands in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from measuring import seconds

from mergeline.errors import ToolError
from mergeline.process import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from measuring import Measured, Program


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the benchmarks run.

    Attributes:
        root: the root of the checkout; nothing but bytecode is written there.
        ours: the `bin` directory of Mergeline's environment.
        peers: the `bin` directory of the peers' environment.
        work: an empty directory for this benchmark alone, removed at the end.
        env: the whole environment of every program that is timed, ours and the peers' alike.
    """

    root: Path
    ours: Path
    peers: Path
    work: Path
    env: Mapping[str, str]

    def output(self, *command: str | Path, cwd: Path) -> str:
        """Run a program that prepares a benchmark, in the same environment; what it printed.

        Raises:
            ToolError: it failed.
        """
        words = [str(word) for word in command]
        done = run(words, cwd=cwd, env=self.env)
        if done.status:
            raise ToolError(
                f"{' '.join(words)} ended with {done.status}",
                hint=(done.stderr or done.stdout).strip() or None,
            )
        return done.stdout


@dataclass(frozen=True, slots=True)
class Contest:
    """The programs of one benchmark, ready to be timed.

    Attributes:
        ours: of Mergeline.
        peer: of the tool beside it, or None where there is no sensible one.
    """

    ours: Program
    peer: Program | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached; a limit that is None is not set.

    Attributes:
        at_most: the largest median of ours, in the unit of the benchmark.
        ratio: the largest ratio, ours divided by the peer's.
        more: the most by which ours may exceed the peer's, in the unit of the benchmark.
    """

    at_most: float | None = None
    ratio: float | None = None
    more: float | None = None

    def met(self, measured: Measured) -> bool:
        """Does what was measured reach it?"""
        if self.at_most is not None and measured.ours.median > self.at_most:
            return False
        if self.ratio is not None and (measured.ratio is None or measured.ratio > self.ratio):
            return False
        return self.more is None or (measured.more is not None and measured.more <= self.more)

    def text(self, unit: str) -> str:
        """Return it as it is shown beside a measurement."""
        limits = []
        if self.at_most is not None:
            limits.append(f"<= {self.at_most:g} {unit}")
        if self.ratio is not None:
            limits.append(f"ratio <= {self.ratio:g}")
        if self.more is not None:
            limits.append(f"<= peer + {self.more:g} {unit}")
        return ", ".join(limits)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A row of the table.

    Attributes:
        name: as it is asked for.
        ours: what is timed of Mergeline.
        peer: what is timed beside it, or None.
        target: what is to be reached.
        prepare: makes what is timed; not timed itself.
        unit: of all its values.
        once: runs a program and returns the value that is wanted of it.
        at_most: repetitions, where one takes a minute.
    """

    name: str
    ours: str
    peer: str | None
    target: Target
    prepare: Callable[[Setting], Contest]
    unit: str = "s"
    once: Callable[[Program], float] = seconds
    at_most: int | None = None

    def repetitions(self, wanted: int) -> int:
        """Return how often it is measured if so many are wanted."""
        return wanted if self.at_most is None else min(wanted, self.at_most)
