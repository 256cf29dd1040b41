"""The bytes that the registry keeps of a version, fetched now: are they those on record?"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.digest import digest_bytes
from mergeline.errors import ToolError
from mergeline.findings import Finding, Severity
from mergeline.promotion.evidence import place_in_record, record_finding
from mergeline.registry.twin import is_rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mergeline.registry.facts import Entry
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release

EVIDENCE = "evaluation.json"


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What compares the bytes of a version with its record.

    Attributes:
        registry: MLflow.
        digest_of: computes the digest of a packaged model from its files.
    """

    registry: MlflowRegistry
    digest_of: Callable[[Path], str]

    def findings(self, model: ModelFolder, release: Release, entry: Entry) -> list[Finding]:
        """Return what is lost or other than on record; nothing is kept of what is fetched."""
        with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
            folder = Path(directory)
            return [
                *self._model(model, release, entry, folder),
                *self._evidence(model, release, entry),
            ]

    def _model(
        self, model: ModelFolder, release: Release, entry: Entry, folder: Path
    ) -> Iterator[Finding]:
        try:
            package = self.registry.fetch_model(entry.version, folder / "model")
            actual = self.digest_of(package)
        except ToolError as error:
            message = f"the model of {release.version} cannot be had: {error.message}"
            hint = "mergeline reproduce says whether it can be made again"
            yield record_finding(model, release, "artifact-lost", message, "artifact.uri", hint)
            return
        if actual != release.artifact.digest:
            message = f"the model of {release.version} in the registry has the digest {actual}"
            hint = "the artifact was changed or damaged: release a new version"
            yield record_finding(
                model, release, "artifact-digest", message, "artifact.digest", hint
            )

    def _evidence(self, model: ModelFolder, release: Release, entry: Entry) -> Iterator[Finding]:
        field, what = "evaluation_digest", f"{EVIDENCE} of the run of {release.version}"
        hint = "the record still has the metrics; new evidence is made by a new version"
        content = self.registry.read_artifact(entry.version.run_id or "", EVIDENCE)
        if content is None:
            # Who lost the registry with all that it kept cannot have the file back.
            severity = Severity.WARNING if is_rebuilt(entry) else Severity.ERROR
            place = place_in_record(model, release, field)
            yield Finding("artifact-lost", severity, f"{what} is not there", place, hint)
            return
        actual = digest_bytes(content)
        if actual != release.evaluation_digest:
            message = f"{what} has the digest {actual}, not the recorded one"
            yield record_finding(model, release, "artifact-digest", message, field, hint)
