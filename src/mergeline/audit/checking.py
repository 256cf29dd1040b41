"""What the registry says of the rows: approvals, and whether it agrees with Git."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from mergeline.errors import ToolError
from mergeline.findings import Finding, Location, Severity
from mergeline.promotion.deployments import Deployed, Record, deployed
from mergeline.promotion.documents import environment_path
from mergeline.registry.twin import differing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from mergeline.audit.row import Row
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.types import Release

_HINT = "see mergeline status, and the registry's own log of who wrote to it"


@dataclass
class Checked:
    """Rows with what the registry says of them.

    Attributes:
        rows: in the order that they had.
        findings: where it disagrees.
        error: why it did not answer to the end; None: it did.
    """

    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    error: ToolError | None = None


def check_rows(
    rows: Sequence[Row],
    releases: Mapping[tuple[str, str], Release],
    asked: Mapping[tuple[str, str, str], Collection[str]],
    lookup: Callable[[str, str], RegisteredVersion | None],
) -> Checked:
    """Join rows with the registry, and compare.

    Args:
        rows: from Git.
        releases: their release records, by model and version.
        asked: the commits that have ever wanted a release in an environment, by model,
            environment and digest: a deployment that names another commit was edited.
        lookup: gives the registered version of a model.
    """
    checked = Checked()
    known: dict[tuple[str, str], RegisteredVersion | None] = {}
    for row in rows:
        if row.version is None or checked.error:
            checked.rows.append(row)
            continue
        key = (row.model, row.version)
        try:
            if key not in known:
                known[key] = lookup(*key)
        except ToolError as error:
            checked.error = error
            checked.rows.append(row)
            continue
        commits = asked.get((row.model, row.environment, row.digest or ""), ())
        joined, problems = _joined(row, releases.get(key), known[key], commits)
        checked.rows.append(joined)
        checked.findings += problems
    return checked


def _joined(
    row: Row,
    release: Release | None,
    registered: RegisteredVersion | None,
    commits: Collection[str],
) -> tuple[Row, list[Finding]]:
    if registered is None:
        message = f"the registry has no version {row.version} of {row.model}"
        problem = _found(row, "registry-missing", message)
        return msgspec.structs.replace(row, registry="missing", decision="unknown"), [problem]
    problems = []
    names = differing(release, registered.tags) if release else []
    if names:
        message = f"tags say something else: {', '.join(names)}"
        problems.append(_found(row, "registry-differs", message))
    made, decision = _deployment(row, registered, commits)
    if decision in ("unknown", "not applied"):
        problems.append(_found(row, "deployment-missing", _WHY[decision]))
    problems += _against(row, made) if made else []
    joined = msgspec.structs.replace(
        row, decision=decision, registry="differs" if problems else "agrees"
    )
    return _with(joined, made), problems


_WHY = {
    "unknown": "the deployment in the registry names a commit that never asked for this release",
    "not applied": "the registry holds no deployment of this release here: it was never made so, "
    "or somebody has taken the record away",
}


def _deployment(
    row: Row, registered: RegisteredVersion, commits: Collection[str]
) -> tuple[Deployed | None, str]:
    """Return the deployment that a row's commit led to, and what was decided.

    Each commit has a record of its own. Older versions of Mergeline kept the last one alone.
    """
    records: tuple[Record, ...] = ("deployment", "hold")
    found = [
        one
        for commit in (row.commit, None)
        for record in records
        if (one := deployed(registered, row.environment, record, commit))
    ]
    for one in found:
        if one.commit == row.commit:
            return one, "allowed"
    if any(one.commit not in commits for one in found):
        return None, "unknown"
    return None, "superseded" if found else "not applied"


def _against(row: Row, made: Deployed) -> list[Finding]:
    pairs = [
        ("pull request", row.pull_request, made.pull_request),
        # Of a rebase the policies were those behind all of its commits: `merged_by` tells.
        ("policies", row.policies if row.merged_by else None, made.policies),
    ]
    return [
        _found(row, "registry-differs", f"Git has the {what} {ours}, the deployment {theirs}")
        for what, ours, theirs in pairs
        if ours is not None and theirs is not None and ours != theirs
    ]


def _with(row: Row, made: Deployed | None) -> Row:
    if made is None:
        return row
    named = row.pull_request is not None
    return msgspec.structs.replace(
        row,
        approvers=made.approved_by,
        applied_at=None if made.restored_at else made.applied_at,
        pull_request=row.pull_request if named else made.pull_request,
        pull_request_source="git" if named else "registry",
    )


def _found(row: Row, rule: str, message: str) -> Finding:
    place = Location(environment_path(row.model, row.environment))
    text = f"{row.version} in {row.environment} by {row.commit[:10]}: {message}"
    return Finding(rule, Severity.ERROR, text, place, _HINT)
