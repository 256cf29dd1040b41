"""Every released version of a model against the registry, and the registry against Git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.findings import Finding, Location, Severity, has_errors
from mergeline.promotion.deployments import deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.evidence import evidence_findings, record_finding
from mergeline.promotion.history import history_of
from mergeline.promotion.record import is_intact
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.registry.twin import compare, is_rebuilt, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mergeline.git import GitRepository
    from mergeline.registry.facts import Entry, RegisteredVersion
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.registry.twin import Difference
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release


@dataclass(frozen=True, slots=True)
class Verified:
    """A version, and what is not as it should be.

    Attributes:
        model: the model.
        version: the SemVer; of what no record knows, what its tag says.
        places: how many places in MLflow were compared.
        differing: those that do not hold what the record says.
        findings: the same and all else, as findings.
        rebuilt: was the entry made anew after the registry was lost?
    """

    model: str
    version: str
    places: int = 0
    differing: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()
    rebuilt: bool = False

    @property
    def complete(self) -> bool:
        """Is everything there, as the record says?"""
        return not has_errors(self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "model": self.model,
            "version": self.version,
            "complete": self.complete,
            "rebuilt": self.rebuilt,
            "places": self.places,
            "differing": [
                {
                    "field": one.field.name,
                    "place": str(one.fact),
                    "recorded": one.recorded,
                    "registry": one.found,
                }
                for one in self.differing
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a verification works with.

    Attributes:
        git: the clone.
        ref: the default branch.
        registry: MLflow.
        artifacts: compares the bytes of a version as well; None: they are not fetched.
    """

    git: GitRepository
    ref: str
    registry: MlflowRegistry
    artifacts: Callable[[ModelFolder, Release, Entry], list[Finding]] | None = None

    def verify(self, model: ModelFolder) -> Iterator[Verified]:
        """Look at each release on record, then at what the registry has besides.

        Raises:
            ToolError: MLflow does not answer.
        """
        registered = self.registry.versions(model.name)
        # Of several under one number the newest counts, as for `apply`.
        newest = {found.version: found for found in registered}
        for version, release in model.releases.items():
            yield self._release(model, release, newest.get(version))
        for found in registered:
            if found.version not in model.releases or found is not newest[found.version]:
                yield self._unrecorded(model, found)

    def _release(
        self, model: ModelFolder, release: Release, found: RegisteredVersion | None
    ) -> Verified:
        findings = [*self._record(model, release)]
        if found is None:
            message = f"the registry has no version {release.version} of {release.name}"
            hint = "mergeline apply --rebuild-registry brings it back"
            findings.append(
                record_finding(model, release, "version-lost", message, "version", hint)
            )
            return Verified(model.name, release.version, findings=tuple(findings))
        entry = self.registry.entry(model.name, found)
        findings += evidence_findings(model, release, entry)
        if self.artifacts is not None:
            findings += self.artifacts(model, release, entry)
        findings += self._deployments(model, release, entry.version)
        return Verified(
            model.name,
            release.version,
            len(wanted(release)),
            tuple(compare(release, entry)),
            tuple(findings),
            is_rebuilt(entry),
        )

    def _record(self, model: ModelFolder, release: Release) -> Iterator[Finding]:
        if not is_intact(release):
            message = f"the digest of the record of {release.version} does not fit its content"
            hint = "restore the record from the commit that added it"
            yield record_finding(model, release, "release-edited", message, "digest", hint)
        if not self.git.exists(release.training.commit):
            message = (
                f"the commit {release.training.commit[:10]} that {release.version} was trained at "
                "is not in this clone"
            )
            hint = "git fetch --unshallow; if it is gone there too, the version cannot be rebuilt"
            yield record_finding(model, release, "commit-gone", message, "training.commit", hint)

    def _deployments(
        self, model: ModelFolder, release: Release, found: RegisteredVersion
    ) -> Iterator[Finding]:
        for environment in ENVIRONMENTS:
            history = history_of(self.git, self.ref, model.name, environment)
            commits = [one.commit for one in history.entries if one.digest == release.digest]
            if not commits or history.verified(release.digest, found):
                continue
            now = history.entries[-1].digest == release.digest
            made = deployed(found, environment)
            told = (
                f"names the commit {made.commit[:10]}, which never asked for it"
                if made
                else f"says nothing; Git wanted it there by {commits[-1][:10]}"
            )
            message = f"{release.version} in {environment}: the registry's deployment {told}"
            # What was merged and replaced before `apply` ran was never made so.
            severity = Severity.ERROR if now or made else Severity.WARNING
            place = Location(environment_path(model.name, environment))
            hint = "mergeline apply judges again what Git wants now; somebody has edited the tag"
            yield Finding("deployment-missing", severity, message, place, hint)

    def _unrecorded(self, model: ModelFolder, found: RegisteredVersion) -> Verified:
        """What was released and waits for its record is no error, unless it serves already."""
        serving = [
            environment
            for environment, one in self.registry.aliases(model.name, ENVIRONMENTS).items()
            if one.number == found.number
        ]
        version = found.version or f"number {found.number}"
        known = found.version in model.releases
        message = (
            f"version {found.number} of {model.name} in the registry calls itself "
            f"{found.version or 'nothing'}, "
            + ("whose record means another" if known else "of which there is no record")
            + (f"; {' and '.join(serving)} points to it" if serving else "")
        )
        severity = Severity.ERROR if serving or known else Severity.WARNING
        hint = "its pull request waits, or was left; or somebody registered it by hand"
        place = Location(f"{model.path}/releases/{version}.yaml" if found.version else model.path)
        finding = Finding("version-unrecorded", severity, message, place, hint)
        return Verified(model.name, version, findings=(finding,))
