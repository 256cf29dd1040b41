"""What ran and how long it took, before the line with which pytest ends: for scripts/test."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

START = time.monotonic()
OUTCOMES = ("passed", "failed", "skipped")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--parts", help="a file of what ran before: NAME, SECONDS, EXIT CODE; emptied")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    # A worker is given the option, too.
    if config.getoption("parts") is None or hasattr(config, "workerinput"):
        return
    terminalreporter.section("what ran")
    file = Path(config.getoption("parts"))
    for line in chain(_before(file.read_text()), _folders(terminalreporter.stats)):
        terminalreporter.write_line(line)
    file.write_text("")


def _before(text: str) -> Iterator[str]:
    for line in text.splitlines():
        name, seconds, code = line.split("\t")
        yield _line(name, int(seconds), "" if code == "0" else f"FAILED with exit code {code}")


def _folders(stats: dict[str, list[object]]) -> Iterator[str]:
    """Yield each folder of tests; its seconds are those of all workers together."""
    seconds: dict[str, float] = defaultdict(float)
    outcomes: dict[str, dict[str, str]] = defaultdict(dict)
    for report in chain.from_iterable(stats.values()):
        if isinstance(report, pytest.TestReport):
            folder = "/".join(report.nodeid.partition("::")[0].split("/")[:2])
            seconds[folder] += report.duration
            # A test that passed may still fail to end; one that is skipped is never called.
            if report.when == "call" or report.outcome != "passed":
                outcomes[folder][report.nodeid] = report.outcome
    yield _line("pytest", time.monotonic() - START, "of which, all workers together:")
    for folder in sorted(seconds, key=seconds.__getitem__, reverse=True):
        counts = Counter(outcomes[folder].values())
        told = [f"{counts[each]} {each}" for each in OUTCOMES if counts[each]]
        yield _line(f"  {folder}", seconds[folder], ", ".join(told))


def _line(name: str, seconds: float, more: str) -> str:
    return f"{name:<28} {seconds:5.0f} s  {more}".rstrip()
