"""Makes one environment of one model what the default branch says, if it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from mergeline.findings import has_errors
from mergeline.promotion.deployments import Deployed, deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.emergency import emergency_finding, follow_up
from mergeline.promotion.fitting import misfits
from mergeline.promotion.gathering import gather_case
from mergeline.promotion.judgement import judge_promotion
from mergeline.promotion.outcome import Outcome
from mergeline.promotion.provenance import (
    Provenance,
    base_of,
    merged_pull_request,
    provenance_of,
)
from mergeline.promotion.reviewed import require_head
from mergeline.promotion.verification import verify

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.promotion.case import Case
    from mergeline.promotion.deployments import Record
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder


@dataclass(frozen=True, slots=True)
class _Merge:
    """The commit that asks for what an environment is to be, and how it came."""

    commit: str
    base: str | None
    provenance: Provenance


def reconcile(services: Services, model: ModelFolder, environment: str) -> Outcome | None:
    """Point an environment's alias to the release that Git wants there.

    Decided anew from the merged commit and the forge each time the alias has to move; nothing
    is asked where alias and record stand as they should. Killed at any point and run again,
    it ends in the same state.

    Returns:
        What was done; None: Git says nothing about the environment.

    Raises:
        RefusedError: what Git says was pushed directly, or is not what was reviewed.
        ToolError: something did not answer.
    """
    desired = model.environments.get(environment)
    if desired is None:
        return None
    actual = services.registry.aliases(model.name).get(environment)
    path = environment_path(model.name, environment)
    commit = services.git.last_change(services.head, [path])
    if actual and actual.digest == desired.digest and commit in _applied(actual, environment):
        message = f"{environment} is {desired.version}"
        found = services.emergencies.open(model, environment, actual)
        return Outcome(model.name, environment, "unchanged", message, found)
    merge = _merge(services, str(commit), path)
    case = _case(services, model, environment, merge)
    findings = _decide(services, case, merge)
    if has_errors(findings) or case.registered is None:
        return Outcome(
            model.name,
            environment,
            "refused",
            f"{environment} is not set to {desired.version}",
            tuple(findings),
        )
    return _move(services, case, case.registered, merge, actual)


def _applied(actual: RegisteredVersion, environment: str) -> set[str]:
    """Return the commits that were judged and made so: of the release, and of its hold."""
    made, held = (deployed(actual, environment, one) for one in ("deployment", "hold"))
    return {one.commit for one in (made, held) if made and one}


def _merge(services: Services, commit: str, path: str) -> _Merge:
    forge, git = services.forge, services.git
    found = merged_pull_request(forge, git, commit, services.default_branch)
    provenance = provenance_of(forge, found, services.default_branch)
    require_head(git, found, commit, path)
    return _Merge(commit, base_of(forge, git, found, provenance.commits), provenance)


def _case(services: Services, model: ModelFolder, environment: str, merge: _Merge) -> Case:
    merged_at = merge.provenance.pull_request.merged_at or services.clock()
    return gather_case(
        services,
        model,
        environment,
        base=merge.base,
        provenance=merge.provenance,
        merged=True,
        moment=merged_at,
    )


def _decide(services: Services, case: Case, merge: _Merge) -> list[Finding]:
    """Judge by the policies that the promotion was merged onto, and check every digest."""
    engine = services.judge_of(merge.base or merge.commit)
    findings = judge_promotion(engine, case)
    if has_errors(findings):
        return findings

    def fetch() -> Path:
        return services.registry.download_model(case.model.name, case.desired.digest)

    found = verify(case, fetch, services.digest_of)
    if case.rollback and case.release and not found:
        found = misfits(case.model, case.release, fetch(), services.digest_of)
    return [*findings, *found]


def _move(
    services: Services,
    case: Case,
    target: RegisteredVersion,
    merge: _Merge,
    actual: RegisteredVersion | None,
) -> Outcome:
    name, environment = case.model.name, case.environment
    record: Record = "hold" if case.settled else "deployment"
    # The first application counts for the soak; putting a moved alias back is no new one.
    earlier = deployed(target, environment, record)
    known = earlier if earlier and earlier.commit == merge.commit else None
    # The issue before the alias: killed between them, no emergency goes without.
    made = known or _deployed(services, case, merge)
    if actual is None or actual.number != target.number:
        services.registry.set_alias(name, environment, target.number)
    if known is None:
        services.registry.set_tags(name, target.number, made.as_tag(environment, record))
    how = f"(pull request #{made.pull_request}{_approved(made)})"
    if actual is not None and actual.number == target.number:
        held = case.desired.hold
        said = f"held by {held.by}: {held.reason}" if held else "not held"
        message = f"{environment} stays {case.desired.version}, {said} {how}"
        return Outcome(name, environment, "noted", message)
    before = actual.version if actual else None
    message = f"{environment}: {before or 'nothing'} -> {case.desired.version} {how}"
    urgent = emergency_finding(case.model, environment, made.issue) if made.issue else None
    return Outcome(name, environment, "moved", message, (urgent,) if urgent else ())


def _deployed(services: Services, case: Case, merge: _Merge) -> Deployed:
    # That of the case says for which teams each approval is.
    found = case.provenance or merge.provenance
    emergency = case.emergency
    return Deployed(
        commit=merge.commit,
        pull_request=found.pull_request.number,
        author=found.pull_request.author,
        approved_by=tuple(item.reviewer for item in found.approvals.valid),
        applied_at=services.clock().astimezone(UTC).isoformat(timespec="seconds"),
        change=case.change,
        approvals=found.approvals.valid,
        rejected=found.approvals.rejected,
        policies=services.judge_of(merge.base or merge.commit).library.digest,
        waived=emergency.waives if emergency else (),
        issue=follow_up(services.forge, case, merge.commit) if emergency else None,
    )


def _approved(made: Deployed) -> str:
    return f", approved by {' and '.join(made.approved_by)}" if made.approved_by else ""
