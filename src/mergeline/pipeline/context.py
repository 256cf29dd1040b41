"""What a pipeline run is given: everything a step may read, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol

from mergeline.digest import digest_file
from mergeline.pipeline.fetch_log import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mergeline.registry.facts import RecordedRun, RunFacts
    from mergeline.sandbox import Enforced
    from mergeline.specs.document import Document
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import PipelineTemplate


class Recorder(Protocol):
    """The part of a registry that a run writes to."""

    @property
    def tracking_uri(self) -> str:
        """Where runs are recorded."""

    def log_run(self, facts: RunFacts) -> RecordedRun:
        """Record a run."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The version in production, which a candidate is compared with.

    Attributes:
        name: the model.
        version: its SemVer.
        digest: the release digest.
        artifact_digest: the digest that its package must have.
        fetch: gives the folder of the package; called only when the comparison runs.
    """

    name: str
    version: str
    digest: str
    artifact_digest: str
    fetch: Callable[[], Path]


@dataclass(frozen=True, slots=True)
class Progress:
    """A step starts or ends.

    Attributes:
        step: its name.
        number: its place, from 1.
        count: how many steps there are.
        state: what happens.
        seconds: how long it took; 0 as it starts.
    """

    step: str
    number: int
    count: int
    state: Literal["started", "ran", "cached", "failed", "skipped"]
    seconds: float = 0.0

    def __str__(self) -> str:
        place = f"[{self.number}/{self.count}] {self.step}"
        if self.state == "started":
            return f"{place} …"
        took = f" in {self.seconds:.1f} s" if self.state in {"ran", "failed"} else ""
        return f"{place} {self.state}{took}"


def _silent(_: Progress) -> None:
    """Say nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The input of a run.

    Attributes:
        root: the work tree.
        state: the folder that results and the cache go to; it may serve several work trees.
        model: the model's folder, all of its files conforming.
        template: the pipeline template that training.yaml names.
        template_document: its parsed file, for findings.
        registry: records the run; None: the record step is skipped.
        champion: the version in production, or None.
        lockfile_digest: the digest of the lockfile, or None if it is not there.
        commit: the commit of the work tree, or None.
        clean: does the work tree equal that commit?
        fresh: run every step, whatever the cache holds?
        cached: take every step from the cache, or give up?
        recording: may the record step run, though all others are to be cached?
        trained: a folder with a training that was handed over; None: it is trained here.
        fetched_only: take data that were fetched, and ask no source for them?
        person: who asks for data.
        clock: the time, in UTC.
        progress: told as each step starts and ends.
        confined: how each child so far was held to its limits, with what it did.
        environ: the environment, in which connections to databases are named.
    """

    root: Path
    state: Path
    model: ModelFolder
    template: PipelineTemplate
    template_document: Document
    registry: Recorder | None = None
    champion: Champion | None = None
    lockfile_digest: str | None = None
    commit: str | None = None
    clean: bool = False
    fresh: bool = False
    cached: bool = False
    recording: bool = False
    trained: Path | None = None
    fetched_only: bool = False
    person: Person = field(default_factory=Person)
    clock: Callable[[], datetime] = field(default=_now)
    progress: Callable[[Progress], None] = field(default=_silent)
    confined: list[tuple[str, tuple[Enforced, ...]]] = field(default_factory=list)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def lockfile(self) -> Path:
        """The lockfile that training.yaml names."""
        return self.root / self.model.training.environment.lockfile

    @property
    def results(self) -> Path:
        """The folder that the run's results go to."""
        return self.state / "runs" / self.model.name


def lockfile_digest(root: Path, model: ModelFolder) -> str | None:
    """Return the digest of the lockfile that training.yaml names; None: it is not there."""
    path = root / model.training.environment.lockfile
    return digest_file(path) if path.is_file() else None
