"""A merged promotion: how it came, what it is decided on, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING

from mergeline.findings import has_errors
from mergeline.promotion.deployments import Deployed
from mergeline.promotion.emergency import follow_up
from mergeline.promotion.evidence import evidence_findings
from mergeline.promotion.fitting import misfits
from mergeline.promotion.gathering import gather_case
from mergeline.promotion.judgement import judge_promotion
from mergeline.promotion.provenance import (
    Provenance,
    base_of,
    merged_pull_request,
    provenance_of,
)
from mergeline.promotion.reviewed import require_head
from mergeline.promotion.verification import Checks, verify
from mergeline.registry.trust import trust_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.promotion.case import Case
    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder


@dataclass(frozen=True, slots=True)
class Merge:
    """The commit that asks for what an environment is to be, and how it came."""

    commit: str
    base: str | None
    provenance: Provenance


def merge_of(services: Services, commit: str, path: str) -> Merge:
    """Return the merge that brought a commit's change of a file, with who agreed.

    Raises:
        RefusedError: it was pushed directly, or is not what was reviewed.
        ToolError: the forge does not answer.
    """
    forge, git = services.forge, services.git
    found = merged_pull_request(forge, git, commit, services.default_branch)
    provenance = provenance_of(forge, found, services.default_branch)
    require_head(git, found, commit, path)
    return Merge(commit, base_of(forge, git, found, provenance.commits), provenance)


def case_of(services: Services, model: ModelFolder, environment: str, merge: Merge) -> Case:
    """Return the facts of a merged promotion."""
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


def decide(services: Services, case: Case, merge: Merge) -> list[Finding]:
    """Judge by the policies that the promotion was merged onto; check digests, fields, signature.

    Raises:
        ToolError: something did not answer.
    """
    engine = services.judge_of(merge.base or merge.commit)
    findings = judge_promotion(engine, case)
    if has_errors(findings):
        return findings

    @cache
    def fetch() -> Path:
        name, desired = case.model.name, case.desired
        # A copy says nothing of what the registry has now.
        return services.registry.download_model(name, desired.version, desired.digest, anew=True)

    if case.release is None:
        return findings
    checks = Checks(services.digest_of, trust_of(engine.library.data))
    found = verify(case.model, case.release, fetch if case.registered else None, checks)
    if case.registered is not None:
        entry = services.registry.entry(case.model.name, case.registered)
        found += evidence_findings(case.model, case.release, entry)
    if case.rollback and not found:
        found = misfits(case.model, case.release, fetch(), services.digest_of)
    return [*findings, *found]


def deployment_of(
    services: Services,
    case: Case,
    merge: Merge,
    earlier: Deployed | None,
    *,
    restored: bool = False,
) -> Deployed:
    """Return what is written down of a promotion that is made so now; follow an emergency up.

    Earlier deployments of the release there are remembered by their commits: by them a rollback
    is known for one when it is judged again. What is restored was made so before, nobody knows
    when: then the moment of the merge is kept.
    """
    now = _text(services.clock())
    merged_at = merge.provenance.pull_request.merged_at
    # That of the case says for which teams each approval is.
    found = case.provenance or merge.provenance
    emergency = case.emergency
    return Deployed(
        commit=merge.commit,
        pull_request=found.pull_request.number,
        author=found.pull_request.author,
        approved_by=tuple(item.reviewer for item in found.approvals.valid),
        applied_at=_text(merged_at) if restored and merged_at else now,
        change=case.change,
        approvals=found.approvals.valid,
        rejected=found.approvals.rejected,
        policies=services.judge_of(merge.base or merge.commit).library.digest,
        waived=emergency.waives if emergency else (),
        issue=follow_up(services.forge, case, merge.commit, past=restored) if emergency else None,
        earlier=(*earlier.earlier, earlier.commit) if earlier else (),
        restored_at=now if restored else None,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
