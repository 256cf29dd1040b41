"""Rebuilding a release: its record, its commit, its environment, then a training without cache."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.errors import MergelineError, RefusedError, ToolError, UsageError
from mergeline.promotion.record import is_intact
from mergeline.promotion.reproduction import Reproduction, compare, rebuilt_facts, recorded_facts
from mergeline.promotion.reviewed import tracked_by
from mergeline.promotion.surroundings import gaps_to_record, machine_notes
from mergeline.specs.repository import load_repository
from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from mergeline.git import GitRepository
    from mergeline.pipeline.result import RunResult
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release

    Train = Callable[[Path, str, str], RunResult]


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """What a rebuild works with.

    Attributes:
        git: the clone.
        ref: where the records are read.
        train: runs a model's pipeline without cache, champion and registry in a work tree: its
            root, the model, the commit that it holds.
        held: the digest of the package that the registry holds of a release; None: it is asked
            for nothing, or knows no such version.
    """

    git: GitRepository
    ref: str
    train: Callable[[Path, str, str], RunResult]
    held: Callable[[Release], str | None]

    def in_production(self, *, public: bool = False) -> list[Release]:
        """Return the releases that Git wants in production, by the name of their model.

        Args:
            public: only those of models whose data are public?
        """
        models = load_repository(self.git.tree(self.ref)).models
        wanted = [
            model.releases.get(model.environments["production"].version)
            for _, model in sorted(models.items())
            if "production" in model.environments and (model.data.datasets[0].public or not public)
        ]
        return [release for release in wanted if release is not None]

    def rebuild(self, release: Release) -> Reproduction:
        """Rebuild a release and compare; whatever stops it is the answer."""
        started = time.monotonic()
        try:
            return self._rebuild(release, started)
        except MergelineError as error:
            return stopped(release, error)

    def _rebuild(self, release: Release, started: float) -> Reproduction:
        commit = release.training.commit
        model, held = self._checked(release), self.held(release)
        with self.git.checkout(commit) as root:
            result = self.train(root, release.name, commit)
        _answered(result)
        recorded, rebuilt = recorded_facts(release), rebuilt_facts(model, result)
        if held is not None:
            recorded["registry.artifact.digest"] = release.artifact.digest
            rebuilt["registry.artifact.digest"] = held
        compared = compare(recorded, rebuilt)
        return Reproduction(
            release.name,
            release.version,
            "equal" if all(one.equal for one in compared) else "different",
            commit,
            compared,
            _notes(release, result),
            seconds=(time.monotonic() - started, sum(step.seconds for step in result.steps)),
        )

    def _checked(self, release: Release) -> ModelFolder:
        """Return the model at the training commit, once record and environment allow a training."""
        if not is_intact(release):
            raise RefusedError(
                f"the record of {release.name} {release.version} was edited: its digest does not "
                "fit its content",
                hint=f"git log -p -- models/{release.name}/releases/{release.version}.yaml",
            )
        model = self._model_at(release)
        for finding in tracked_by(self.git, release.training.commit):
            raise RefusedError(finding.message, location=finding.location, hint=finding.hint)
        gaps = gaps_to_record(release.environment)
        if gaps:
            raise ToolError(
                f"{release.name} {release.version} was trained in another environment: "
                + "; ".join(map(str, gaps)),
                hint="--environment venv makes it from the recorded lockfile",
            )
        return model

    def _model_at(self, release: Release) -> ModelFolder:
        commit = trained_at(self.git, release)
        models = load_repository(self.git.tree(commit), only={release.name}).models
        if release.name not in models:
            raise RefusedError(f"{commit[:10]} has no model {release.name} that conforms")
        return models[release.name]


def stopped(release: Release, error: MergelineError) -> Reproduction:
    """Return the answer where an error was met: refused if it says no, else errored."""
    return Reproduction(
        release.name,
        release.version,
        "refused" if isinstance(error, RefusedError) else "errored",
        reason=error.message,
        hint=error.hint,
    )


def trained_at(git: GitRepository, release: Release) -> str:
    """Return the commit that a release was trained at.

    Raises:
        ToolError: it is not in this clone.
    """
    commit = release.training.commit
    if git.exists(commit):
        return commit
    raise ToolError(
        f"the commit {commit} that {release.name} {release.version} was trained at is not in this "
        "clone",
        hint=f"git fetch --unshallow, else git fetch origin {commit}",
    )


def released(git: GitRepository, ref: str, name: str, version: str) -> Release:
    """Return a release record.

    Raises:
        UsageError: there is none.
        RefusedError: the model's files do not conform.
    """
    repository = load_repository(git.tree(ref), only={name})
    if name in repository.broken:
        first = repository.findings[0]
        raise RefusedError(
            f"the files of {name} do not conform: {first.message}", location=first.location
        )
    if name not in repository.models:
        raise UsageError(f"{ref} has no model {name}", hint="mergeline status names them")
    releases = repository.models[name].releases
    if version not in releases:
        hint = did_you_mean(version, list(releases)) or "it was never released"
        raise UsageError(f"there is no release {version} of {name}", hint=hint)
    return releases[version]


def sample(releases: list[Release], count: int, now: datetime) -> list[Release]:
    """Return some of the releases: those whose turn it is this week, so that all have theirs.

    Args:
        releases: all of them, in a fixed order.
        count: how many at most.
        now: the time.
    """
    week = now.toordinal() // 7
    start = week * count % max(1, len(releases))
    turned = releases[start:] + releases[:start]
    return turned[:count]


def _answered(result: RunResult) -> None:
    """Refuse to call it a difference where no data could be read.

    Raises:
        ToolError: the pipeline ended before there was anything to compare.
    """
    if "dataset" not in result.digests:
        said = (
            "; ".join(issue.message for issue in result.findings) or "the data step wrote nothing"
        )
        hints = [issue.hint for issue in result.findings if issue.hint]
        raise ToolError(f"the data cannot be restored: {said}", hint=hints[0] if hints else None)


def _notes(release: Release, result: RunResult) -> tuple[str, ...]:
    found = [issue.message for issue in result.findings]
    return (*found, *(str(gap) for gap in machine_notes(release.environment)))
