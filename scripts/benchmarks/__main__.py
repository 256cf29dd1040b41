"""Measure Mergeline beside its peers: see scripts/benchmark."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import results
from benchmark import Setting
from environment import environment
from measuring import compare
from peers import peers
from table import BENCHMARKS, chosen

from mergeline.errors import ExitCode, MergelineError
from mergeline.report.text import error_text

if TYPE_CHECKING:
    from benchmark import Benchmark
    from measuring import Measured

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "benchmark.txt"


def main() -> int:
    """Measure what the command line asks for and print it; 0 whether or not targets are met."""
    arguments = _parser().parse_args()
    benchmarks = chosen(arguments.names)
    bin_of_peers = peers(LOCK, _say)
    rows = [(row, _measured(row, bin_of_peers, arguments.repetitions)) for row in benchmarks]
    if arguments.format == "json":
        print(results.json_text(rows))
    else:
        print(results.text(rows, arguments.repetitions))
    return int(ExitCode.YES)


def _measured(benchmark: Benchmark, bin_of_peers: Path, repetitions: int) -> Measured:
    ours = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="mergeline-benchmark-") as name:
        work, home = Path(name, "work"), Path(name, "home")
        work.mkdir()
        home.mkdir()
        _say(f"{benchmark.name}: preparing")
        setting = Setting(ROOT, ours, bin_of_peers, work, environment(home, ours))
        contest = benchmark.prepare(setting)
        times = benchmark.repetitions(repetitions)
        _say(f"{benchmark.name}: measuring, {times} times")
        return compare(contest.ours, contest.peer, repetitions=times, once=benchmark.once)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark",
        description="Measure Mergeline beside its peers, in one run.",
        epilog=f"Benchmarks: {', '.join(row.name for row in BENCHMARKS)}. "
        "The exit code does not depend on the targets: time is the machine's as much as ours.",
        allow_abbrev=False,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--repetitions", type=_count, default=15, metavar="N", help="default: %(default)s"
    )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MergelineError as error:
        print(error_text(error), file=sys.stderr)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(int(ExitCode.INTERRUPTED))
