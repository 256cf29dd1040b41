"""What a model card is made of: a release's record, its specs, its evidence, where it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.audit.checking import check_rows
from mergeline.audit.commit import read_commit
from mergeline.audit.evidence import Evidence, Registry, evidence_of
from mergeline.audit.kinds import digests_of
from mergeline.audit.lineage import unknown_release
from mergeline.audit.making import make_rows
from mergeline.audit.moment import moment_text
from mergeline.audit.policies import policies_at
from mergeline.audit.reading import conforming, edited, found_in, not_here
from mergeline.audit.row import NOT_CHECKED, Row
from mergeline.audit.timeline import Timeline, read_timeline
from mergeline.digest import digest_bytes
from mergeline.errors import RefusedError, UsageError
from mergeline.promotion.documents import release_path
from mergeline.specs.borrowing import DEFINITIONS
from mergeline.specs.kinds import MODEL_KINDS
from mergeline.specs.repository import MODELS, load_repository
from mergeline.specs.types import Environment, Release

if TYPE_CHECKING:
    from mergeline.audit.timeline import Recorded
    from mergeline.findings import Finding
    from mergeline.git import GitRepository
    from mergeline.specs import types
    from mergeline.specs.repository import ModelFolder

_SPEC_KINDS = tuple(kind for kind in MODEL_KINDS if kind.required)


@dataclass(frozen=True, kw_only=True)
class Specs:
    """The specs at the training commit; None: not the one that the record names, or unreadable."""

    model: types.Model | None = None
    data: types.Data | None = None
    features: types.Features | None = None
    training: types.Training | None = None
    evaluation: types.Evaluation | None = None
    deployment: types.Deployment | None = None
    monitoring: types.Monitoring | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known of a release.

    Attributes:
        head: the newest commit of the branch that was read.
        release: its record, as it was first written.
        recorded: the commit that wrote it, and `recorded_at` when.
        trained_at: when the committer of the training commit says it was made.
        specs: at the training commit.
        standing: the environments that want it now.
        rows: each change that made an environment want it, as an audit tells it.
        registry: `checked`, or why it was not.
        evidence: what the run left.
        findings: what contradicts what.
    """

    head: str
    release: Release
    recorded: str
    recorded_at: str
    trained_at: str
    specs: Specs
    standing: tuple[str, ...]
    rows: tuple[Row, ...]
    registry: str
    evidence: Evidence
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the card for programs; curves and predictions are left in the registry."""
        evaluation = self.evidence.evaluation or {}
        return {
            "model": self.release.name,
            "version": self.release.version,
            "head": self.head,
            "standing": list(self.standing),
            "recorded": {"commit": self.recorded, "at": self.recorded_at},
            "trained_at": self.trained_at,
            "release": msgspec.to_builtins(self.release),
            "specs": {
                kind.section: msgspec.to_builtins(getattr(self.specs, kind.section))
                for kind in _SPEC_KINDS
            },
            "evidence": {
                "status": self.evidence.status,
                "evaluation": {key: one for key, one in evaluation.items() if key != "curves"}
                or None,
                "timings": self.evidence.timings,
            },
            "registry": self.registry,
            "deployments": [row.as_json() for row in self.rows],
            "findings": [finding.as_json() for finding in self.findings],
        }


def card_of(
    git: GitRepository,
    ref: str,
    model: str,
    version: str | None,
    registry: Registry | None,
    why_not: str = "",
) -> Card:
    """Gather what is known of a release.

    Args:
        git: the clone.
        ref: the default branch.
        model: its name.
        version: of the release; None: the one that production is to have.
        registry: None: it is not asked.
        why_not: why it is not asked.

    Raises:
        RefusedError: the record cannot be read.
        ToolError: the clone lacks a commit.
        UsageError: there is no such release, or nothing is in production.
    """
    timeline = read_timeline(git, ref, [model])
    known = [one for _, one in timeline.records]
    if version is None and known:
        version = _in_production(git, timeline, model)
    if version is None or version not in known:
        raise unknown_release(git, ref, timeline, model, version or "")
    return _Gatherer(git, timeline, model, version).gather(registry, why_not)


def _in_production(git: GitRepository, timeline: Timeline, model: str) -> str:
    state = timeline.state(len(timeline.commits))
    blobs = [one.blob for one in state if one.environment == "production" and one.blob]
    for stored in git.stored(blobs):
        wanted = conforming(stored.content if stored else b"", Environment)
        if wanted is not None:
            return wanted.version
    versions = ", ".join(f"{model}@{one}" for _, one in timeline.records)
    raise UsageError(f"{model} is not in production", hint=f"name a release: {versions}")


class _Gatherer:
    """Reads one release."""

    def __init__(self, git: GitRepository, timeline: Timeline, model: str, version: str) -> None:
        self._git = git
        self._timeline = timeline
        self._model = model
        self._history = timeline.records[model, version]
        self._path = release_path(model, version)
        self._findings: list[Finding] = []
        self._release = self._read(version)

    @property
    def _written(self) -> Recorded:
        """The record as it was first written: what was released."""
        return self._history[0]

    def _read(self, version: str) -> Release:
        [stored] = self._git.stored([self._written.blob or self._written.commit])
        release = conforming(stored.content if stored else b"", Release)
        if release is None:
            raise RefusedError(
                f"{self._path}, as commit {self._written.commit[:10]} wrote it, is no release "
                "record that can be read",
                hint=f"see git log --first-parent {self._path}",
            )
        problem = edited(release, self._history)
        if (release.name, release.version) != (self._model, version):
            problem = f"the record is of {release.name} {release.version}"
        if problem:
            self._findings.append(found_in("release-edited", self._path, problem))
        return release

    def gather(self, registry: Registry | None, why_not: str) -> Card:
        specs, trained_at = self._specs()
        rows, told = self._rows(registry, why_not)
        evidence = evidence_of(self._release, registry, why_not)
        written = self._timeline.commits[self._written.position][1]
        return Card(
            head=self._timeline.head,
            release=self._release,
            recorded=self._written.commit,
            recorded_at=moment_text(written),
            trained_at=trained_at,
            specs=specs,
            standing=self._standing(),
            rows=tuple(rows),
            registry=told,
            evidence=evidence,
            findings=(*self._findings, *evidence.findings),
        )

    def _specs(self) -> tuple[Specs, str]:
        """Return the specs, every file of the model folder held to the record, and the moment."""
        release, commit = self._release, self._release.training.commit
        # A name that Git cannot be asked for in one line is none of a file's.
        paths = [path for path in sorted(release.specs) if path.isprintable()]
        names = [f"{commit}:{MODELS}/{self._model}/{path}" for path in paths]
        whole, *found = self._git.stored([commit, *names])
        if whole is None or whole.kind != "commit":
            raise not_here(release)
        contents = {path: one.content for path, one in zip(paths, found, strict=True) if one}
        borrower = self._borrower(commit) if release.specs.keys() - contents.keys() else None
        if borrower is not None:
            shared = sorted(borrower.borrowed & release.specs.keys())
            contents |= {path: borrower.files[path] for path in shared}
        right = {}
        for path, digest in sorted(release.specs.items()):
            if path in contents and digest_bytes(contents[path]) == digest:
                right[path] = contents[path]
                continue
            message = f"at {commit[:10]} it is not the one of {release.version}"
            self._note("spec-mismatch", f"{MODELS}/{self._model}/{path}", message)
        read: dict[str, Any] = {
            kind.section: conforming(right[kind.path], kind.type)
            for kind in _SPEC_KINDS
            if kind.path in right
        }
        if borrower is not None and read.get("features") and DEFINITIONS in right:
            # With those of other models, as it was trained on them.
            read["features"] = borrower.features
        return Specs(**read), moment_text(read_commit(whole.content).committer.seconds)

    def _borrower(self, commit: str) -> ModelFolder | None:
        """Return the model with what it took from others; None: it does not conform today."""
        repository = load_repository(self._git.tree(commit), only={self._model})
        return repository.models.get(self._model)

    def _rows(self, registry: Registry | None, why_not: str) -> tuple[list[Row], str]:
        changes = self._timeline.changes
        digests = digests_of(self._git, changes)
        ours = [one for one in changes if digests.get(one) == self._release.digest]
        made = make_rows(self._git, self._timeline, ours, lambda at: policies_at(self._git, at))
        edited_here = any(one.rule == "release-edited" for one in self._findings)
        # Each row would say again that the record was edited.
        self._findings += [
            one for one in made.findings if not (edited_here and one.rule == "release-edited")
        ]
        if registry is None:
            return made.rows, f"{NOT_CHECKED}: {why_not}"
        checked = check_rows(made.rows, made.releases, made.asked, registry.find)
        self._findings += checked.findings
        told = f"{NOT_CHECKED}: {checked.error.message}" if checked.error else "checked"
        return checked.rows, told

    def _standing(self) -> tuple[str, ...]:
        state = self._timeline.state(len(self._timeline.commits))
        digests = digests_of(self._git, state)
        return tuple(one.environment for one in state if digests.get(one) == self._release.digest)

    def _note(self, rule: str, path: str, message: str) -> None:
        self._findings.append(found_in(rule, path, message))
