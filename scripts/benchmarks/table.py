"""The benchmarks, by name: a new one is a file with a `prepare`, and a row here."""

from __future__ import annotations

import run_noop
import validate
import version
from benchmark import Benchmark, Target

from mergeline.errors import UsageError

BENCHMARKS = (
    Benchmark(
        "version",
        ours="mergeline --version",
        peer="dvc --version",
        target=Target(at_most=0.2),
        prepare=version.prepare,
    ),
    Benchmark(
        "validate",
        ours="mergeline validate, on this repository",
        peer="check-jsonschema on the same files: the schemas alone",
        target=Target(at_most=1.0),
        prepare=validate.prepare,
    ),
    Benchmark(
        "run-noop",
        ours=f"mergeline run {run_noop.MODEL}, nothing changed, six steps",
        peer="dvc repro, nothing changed, four steps on the same data",
        target=Target(at_most=0.6, ratio=1.0),
        prepare=run_noop.prepare,
    ),
)


def chosen(names: list[str]) -> list[Benchmark]:
    """Return the benchmarks of those names in the order of the table; all if there are none.

    Raises:
        UsageError: there is no benchmark of a name.
    """
    known = [row.name for row in BENCHMARKS]
    for name in names:
        if name not in known:
            raise UsageError(f'benchmark "{name}" is not known', hint=f"known: {', '.join(known)}")
    return [row for row in BENCHMARKS if not names or row.name in names]
