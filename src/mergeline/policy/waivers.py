"""Waivers: which rule does not stop which model, until when, and who answers for it.

They are read from the same tree as the policies; where a change is judged, from its base. So a
pull request that adds a waiver is still judged without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from mergeline.specs.kinds import WAIVER_KIND
from mergeline.specs.reading import Reading, is_plain, link_findings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs.document import Document
    from mergeline.specs.tree import Tree
    from mergeline.specs.types import Waiver

FOLDER = "waivers"
# What holds if policies/data.yaml does not say which rules cannot be waived.
NOT_WAIVABLE = frozenset(
    {
        "approval-from-team-missing",
        "approval-not-separate",
        "approval-of-other-commit",
        "approvals-missing",
        "approvals-not-configured",
        "dataset-digest-not-full",
        "digest-differs-from-registry",
        "digest-differs-from-release",
        "emergency-left-over",
        "emergency-waives-too-much",
        "environment-mixed-with-specs",
        "environment-without-release",
        "freeze-unreadable",
        "pull-request-into-other-branch",
        "pull-request-missing",
        "pull-request-not-merged",
        "registry-entry-incomplete",
        "registry-entry-missing",
        "release-deleted",
        "release-edited",
        "release-missing",
        "release-of-other-version",
        "replaced-digest-differs",
        "signature-missing",
        "signing-not-configured",
        "tunables-missing",
    }
)


@dataclass(frozen=True, slots=True)
class WaiverFile:
    """A waiver and its file.

    Attributes:
        name: the file's name without its ending.
        spec: the waiver.
        expires: its last day.
        document: the parsed file.
    """

    name: str
    spec: Waiver
    expires: date
    document: Document

    def says(self) -> str:
        """Return who accepts the risk, why and until when, for a finding's message."""
        reason = " ".join(self.spec.reason.split()).rstrip(".")
        return f"waived until {self.expires} by waiver {self.name} ({self.spec.owner}: {reason})"


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of a tree.

    Attributes:
        files: those that conform, by name.
        findings: what is wrong with the others, which waive nothing.
    """

    files: tuple[WaiverFile, ...] = ()
    findings: tuple[Finding, ...] = ()

    def of(self, rule: str, model: str) -> Iterator[WaiverFile]:
        """Return the waivers of a rule for a model, the one that holds longest first."""
        found = [one for one in self.files if (one.spec.rule, one.spec.model) == (rule, model)]
        return iter(sorted(found, key=lambda one: one.expires, reverse=True))


def load_waivers(tree: Tree) -> Waivers:
    """Read the waivers of a tree; a symbolic link is none, and a finding."""
    reading = Reading(findings=link_findings(tree, FOLDER))
    for path in tree.files(FOLDER):
        folder, _, name = path.rpartition("/")
        if folder == FOLDER and name.endswith(".yaml") and is_plain(path):
            reading.take(tree, path, name.removesuffix(".yaml"), WAIVER_KIND)
    files = list(_dated(reading))
    return Waivers(tuple(files), tuple(reading.findings))


def not_waivable(data: Mapping[str, Any]) -> Collection[str]:
    """Return the ids of the rules that no waiver holds for, by the policies' data."""
    organization = data.get("organization")
    said = organization.get("not_waivable") if isinstance(organization, dict) else None
    if not isinstance(said, list):
        return NOT_WAIVABLE
    return frozenset(cast("Iterable[str]", said))


def _dated(reading: Reading) -> Iterator[WaiverFile]:
    for name, spec in reading.specs.items():
        waiver = cast("Waiver", spec)
        document = reading.documents[name]
        try:
            expires = date.fromisoformat(waiver.expires)
        except ValueError:
            message = f"{waiver.expires} is no day of the calendar"
            reading.findings.append(
                document.finding("waiver-date", message, ("expires",), hint="correct the day")
            )
            continue
        yield WaiverFile(name, waiver, expires, document)
