"""The evidence of a release: what its run left in the registry, if it is what was released."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from mergeline.audit.row import NOT_CHECKED
from mergeline.digest import digest_bytes
from mergeline.errors import ToolError
from mergeline.findings import Finding, Location, Severity
from mergeline.promotion.documents import release_path

if TYPE_CHECKING:
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.types import Release

EVALUATION = "evaluation.json"
TIMINGS = "timings.json"
_HINT = "see the run in the registry, and its own log of who wrote to it"


class Registry(Protocol):
    """What is asked of the registry."""

    def find(self, model: str, version: str) -> RegisteredVersion | None:
        """Return the newest registered version with a SemVer, or None."""

    def read_artifact(self, run_id: str, name: str) -> bytes | None:
        """Return a file that a run left; None: there is no such run or file."""


@dataclass
class Evidence:
    """What a run left.

    Attributes:
        status: `checked`: it has the digest that the record names; else why there is none.
        evaluation: what evaluation.json says; None: it is not there, or not the released one.
        timings: what timings.json says. It differs between equal runs, so no digest covers it.
        findings: what is wrong with it.
    """

    status: str = NOT_CHECKED
    evaluation: dict[str, Any] | None = None
    timings: dict[str, Any] | None = None
    findings: list[Finding] = field(default_factory=list)


def evidence_of(release: Release, registry: Registry | None, why_not: str = "") -> Evidence:
    """Ask the registry for the evidence of a release, and hold it to the record.

    Args:
        release: the record.
        registry: None: it is not asked.
        why_not: why it is not asked.
    """
    if registry is None:
        return Evidence(f"{NOT_CHECKED}: {why_not}")
    run_id = release.training.run_id
    try:
        content = registry.read_artifact(run_id, EVALUATION)
        if content is None:
            message = f"the registry has no {EVALUATION} of run {run_id}"
            return _refused(_problem(release, "evidence-missing", message))
        digest = digest_bytes(content)
        if digest != release.evaluation_digest:
            message = (
                f"{EVALUATION} of run {run_id} is {digest[:19]}…, "
                f"and the record has {release.evaluation_digest[:19]}…"
            )
            return _refused(_problem(release, "evidence-differs", message))
        timings = registry.read_artifact(run_id, TIMINGS)
    except ToolError as error:
        return Evidence(f"{NOT_CHECKED}: {error.message}")
    return Evidence("checked", _object(content), _object(timings))


def _problem(release: Release, rule: str, message: str) -> Finding:
    place = Location(release_path(release.name, release.version))
    return Finding(rule, Severity.ERROR, message, place, _HINT)


def _refused(problem: Finding) -> Evidence:
    return Evidence(f"refused: {problem.message}", findings=[problem])


def _object(content: bytes | None) -> dict[str, Any] | None:
    try:
        value = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
