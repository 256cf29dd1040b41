"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING

from benchmark import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmark import Benchmark
    from measuring import Measured, Sample

    Row = tuple[Benchmark, Measured]

HEAD = ("benchmark", "ours", "quartiles", "peer", "quartiles", "ratio", "target", "")


def json_text(rows: Sequence[Row]) -> str:
    """Return `[{"name", "unit", "ours", "peer", "ratio"}]`.

    `ours` and `peer` are medians in `unit`, `ratio` is ours divided by the peer's; `peer` and
    `ratio` are null where there is no sensible peer.
    """
    return json.dumps(
        [
            {
                "name": benchmark.name,
                "unit": benchmark.unit,
                "ours": round(measured.ours.median, 6),
                "peer": None if measured.peer is None else round(measured.peer.median, 6),
                "ratio": None if measured.ratio is None else round(measured.ratio, 4),
            }
            for benchmark, measured in rows
        ],
        indent=2,
    )


def text(rows: Sequence[Row], repetitions: int) -> str:
    """Return the table, and under it what was timed and on which machine."""
    cells = [HEAD, *(_cells(benchmark, measured) for benchmark, measured in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [_line(row, widths) for row in cells]
    lines += ["", *(line for benchmark, _ in rows for line in _legend(benchmark, repetitions))]
    lines += [
        "",
        f"Medians of {repetitions}, ours and the peer's by turns; beside them the quartiles.",
        "Ratio: ours divided by the peer's; below 1, Mergeline is faster.",
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} CPUs.",
    ]
    return "\n".join(lines)


def _cells(benchmark: Benchmark, measured: Measured) -> tuple[str, ...]:
    return (
        benchmark.name,
        *_sample(measured.ours, benchmark.unit),
        *_sample(measured.peer, benchmark.unit),
        "-" if measured.ratio is None else f"{measured.ratio:.2f}",
        benchmark.target.text(benchmark.unit) or "-",
        _verdict(benchmark, measured),
    )


def _verdict(benchmark: Benchmark, measured: Measured) -> str:
    if benchmark.target == Target():
        return "-"
    return "met" if benchmark.target.met(measured) else "MISSED"


def _sample(sample: Sample | None, unit: str) -> tuple[str, str]:
    if sample is None:
        return "-", "-"
    lower, upper = sample.quartiles
    return f"{sample.median:.3f} {unit}", f"{lower:.3f} to {upper:.3f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _legend(benchmark: Benchmark, repetitions: int) -> list[str]:
    times = benchmark.repetitions(repetitions)
    return [
        f"{benchmark.name}",
        f"  ours: {benchmark.ours}",
        f"  peer: {benchmark.peer or 'none'}",
        *([f"  repetitions: {times}"] if times != repetitions else []),
    ]
