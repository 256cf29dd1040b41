"""The benchmarks, by name: a new one is a file with a `prepare`, and a row here."""

from __future__ import annotations

import apply
import apply_release
import audit_at
import hash  # noqa: A004 - a row's file has its name
import lineage
import plan_job
import plan_one_change
import registry_reads
import reproduce
import run_noop
import validate
import validate_cold
import validate_cold_10000
import validate_memory
import validate_warm
import validate_warm_10000
import version
from benchmark import Benchmark, Target
from measuring import cpu_seconds, peak_mebibytes, told_seconds

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
        "validate-cold",
        ours="mergeline validate, policies and all, on 1,000 models (7,000 specs), nothing kept",
        peer="check-jsonschema on the same files: the schemas alone",
        target=Target(ratio=0.2),
        prepare=validate_cold.prepare,
        at_most=5,
    ),
    Benchmark(
        "validate-cold-10000",
        ours="mergeline validate, policies and all, on 10,000 models, nothing kept",
        peer=None,
        target=Target(),
        prepare=validate_cold_10000.prepare,
        at_most=1,
    ),
    Benchmark(
        "validate-warm",
        ours="mergeline validate on 1,000 models, nothing changed",
        peer=None,
        target=Target(at_most=1.0),
        prepare=validate_warm.prepare,
    ),
    Benchmark(
        "validate-warm-10000",
        ours="mergeline validate on 10,000 models, nothing changed",
        peer=None,
        target=Target(at_most=5.0),
        prepare=validate_warm_10000.prepare,
    ),
    Benchmark(
        "validate-memory",
        ours="peak memory of a process, parent or worker, of mergeline validate on 10,000 models",
        peer="the same on 1,000 models",
        target=Target(at_most=500, ratio=10),
        prepare=validate_memory.prepare,
        unit="MiB",
        once=peak_mebibytes,
        at_most=1,
    ),
    Benchmark(
        "plan-one-change",
        ours="mergeline plan, one of 1,000 models changed",
        peer=None,
        target=Target(at_most=1.0),
        prepare=plan_one_change.prepare,
    ),
    Benchmark(
        "plan-job",
        ours="the job plan, one of 1,000 models changed, more pull requests open than looked at",
        peer=None,
        target=Target(at_most=2.0),
        prepare=plan_job.prepare,
    ),
    Benchmark(
        "apply",
        ours="mergeline apply of an approved promotion, from its merge to the moved alias",
        peer=None,
        target=Target(at_most=5.0),
        prepare=apply.prepare,
    ),
    Benchmark(
        "apply-release",
        ours="mergeline apply of a merged version, its training included, to the moved alias",
        peer="its training alone: mergeline run, nothing cached",
        target=Target(more=5),
        prepare=apply_release.prepare,
    ),
    Benchmark(
        "audit-at",
        ours="mergeline audit --at, of 1,000 models with 10,000 promotions, from Git alone",
        peer=None,
        target=Target(at_most=2.0),
        prepare=audit_at.prepare,
    ),
    Benchmark(
        "lineage",
        ours="mergeline lineage of a release, among the same",
        peer=None,
        target=Target(at_most=1.0),
        prepare=lineage.prepare,
    ),
    Benchmark(
        "registry-reads",
        ours="a release in MLflow, its evidence, aliases, one not there: at 5,000 versions",
        peer="the same at 200 versions",
        target=Target(ratio=1.5),
        prepare=registry_reads.prepare,
        once=told_seconds,
    ),
    Benchmark(
        "run-noop",
        ours=f"mergeline run {run_noop.MODEL}, nothing changed, six steps",
        peer="dvc repro, nothing changed, four steps on the same data",
        target=Target(at_most=0.6, ratio=1.0),
        prepare=run_noop.prepare,
    ),
    Benchmark(
        "reproduce",
        ours="mergeline reproduce of the three reference models, one after the other",
        peer="their trainings alone: mergeline run, nothing cached",
        target=Target(more=20),
        prepare=reproduce.prepare,
        at_most=3,
    ),
    Benchmark(
        "hash",
        ours="processor time to verify 1 GB in the store of data",
        peer="sha256sum on the same file",
        target=Target(ratio=1.25),
        prepare=hash.prepare,
        once=cpu_seconds,
        at_most=5,
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
