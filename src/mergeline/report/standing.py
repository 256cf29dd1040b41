"""Where a pull request stands: what is not met, and who does what next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.findings import Severity
from mergeline.report.evidence import evidence_of
from mergeline.report.markdown import code
from mergeline.report.numbers import counted, listed
from mergeline.report.section import unmet_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mergeline.findings import Finding
    from mergeline.pipeline.result import RunResult
    from mergeline.plan.plan import ModelPlan, Plan
    from mergeline.report.evidence import Evidence
    from mergeline.report.waived import Waived


NO_RESULT = "no result for this commit"
_MEND = "the author mends it and pushes"
_APPROVE = "reviewers approve"
_RUN = "the run is waited for or started again"
# Who can do something about what a policy says, where it is not the author.
_OTHERS = {
    "approvals-missing": _APPROVE,
    "approval-from-team-missing": _APPROVE,
    "approval-not-separate": _APPROVE,
    "approval-of-other-commit": _APPROVE,
    "frozen": "the freeze ends, then the checks run again",
    "soak-too-short": "time passes, then the checks run again",
}
# What a run says of a gate that is not met, which the gate's name says already.
_GATES = frozenset({"gate-failed", "champion-better", "metric-not-finite", "metric-missing"})


@dataclass(frozen=True)
class ModelStanding:
    """A model that a pull request changes.

    Attributes:
        plan: what the change means for it.
        result: of its run at the pull request's head, or None.
        missing: why there is no result.
        findings: what is wrong with it, of the run or of the judge.
    """

    plan: ModelPlan
    result: RunResult | None = None
    missing: str | None = None
    findings: tuple[Finding, ...] = ()
    evidence: Evidence | None = field(init=False)

    def __post_init__(self) -> None:
        """Check the result's content once.

        Raises:
            ToolError: it is not what a run writes.
        """
        evidence = evidence_of(self.result) if self.result else None
        object.__setattr__(self, "evidence", evidence)

    @property
    def trains(self) -> bool:
        """Does the plan ask for a run?"""
        return any(action.kind in ("train", "evaluate") for action in self.plan.actions)


@dataclass(frozen=True)
class Standing:
    """Where a pull request stands.

    Attributes:
        head: the commit that was judged.
        plan: what the change means.
        models: each model of the plan.
        findings: those that belong to no model of the plan.
        unjudged: why the policies could not answer, or None.
        waivers: those in force for the models.
    """

    head: str
    plan: Plan
    models: tuple[ModelStanding, ...]
    findings: tuple[Finding, ...] = ()
    unjudged: str | None = None
    waivers: tuple[Waived, ...] = ()


@dataclass(frozen=True)
class Unmet:
    """Something in the way of the merge: Markdown, and who does what about it."""

    text: str
    action: str


def standing_of(
    head: str,
    plan: Plan,
    results: Mapping[str, RunResult | str],
    findings: Sequence[Finding],
    unjudged: str | None = None,
    waivers: Sequence[Waived] = (),
) -> Standing:
    """Put together what is known of a pull request.

    Args:
        head: its head.
        plan: what it changes.
        results: by model, the result of its run or why there is none.
        findings: what the judge says.
        unjudged: why the judge could not answer, or None.
        waivers: those in force for the models.

    Raises:
        ToolError: a result is not what a run writes.
    """
    rest = dict.fromkeys(findings)
    models = []
    for model in plan.models:
        mine = [one for one in rest if one.location.file.startswith(f"models/{model.name}/")]
        rest = {one: None for one in rest if one not in mine}
        models.append(_model(model, results.get(model.name), mine))
    return Standing(head, plan, tuple(models), tuple(rest), unjudged, tuple(waivers))


def _model(
    plan: ModelPlan, given: RunResult | str | None, judged: Sequence[Finding]
) -> ModelStanding:
    findings = [*plan.findings, *judged]
    if given is None or isinstance(given, str):
        return ModelStanding(plan, None, given, tuple(dict.fromkeys(findings)))
    findings += [issue.as_finding() for issue in given.findings]
    return ModelStanding(plan, given, None, tuple(dict.fromkeys(findings)))


def unmet(standing: Standing) -> list[Unmet]:
    """Return what is in the way, what the author can mend first."""
    found = [one for model in standing.models for one in _of_model(model)]
    errors = [one for one in standing.findings if one.severity is Severity.ERROR]
    if errors:
        found.append(Unmet(f"{counted(len(errors), 'finding')} of the policies", _MEND))
    if standing.unjudged:
        text = f"the policies could not be asked: {code(standing.unjudged)}"
        found.append(Unmet(text, "an administrator makes them answer, then the checks run again"))
    return sorted(found, key=lambda one: one.action != _MEND)


def _of_model(model: ModelStanding) -> Iterator[Unmet]:
    name = code(model.plan.name)
    errors = [one for one in model.findings if one.severity is Severity.ERROR]
    gates = list(unmet_names(model.evidence)) if model.evidence else []
    if gates:
        yield Unmet(f"{name} does not meet {listed(map(code, gates))}", _MEND)
        errors = [one for one in errors if one.rule not in _GATES]
    mending = [one for one in errors if one.rule not in _OTHERS]
    if mending:
        yield Unmet(f"{name} has {counted(len(mending), 'error')}", _MEND)
    elif model.result is not None and not model.result.passed and not gates:
        yield Unmet(f"the run of {name} failed", _MEND)
    for one in errors:
        if one.rule in _OTHERS:
            yield Unmet(f"{name}: {code(one.message)}", _OTHERS[one.rule])
    if model.result is None and model.trains and not mending:
        yield Unmet(f"{name} has {model.missing or NO_RESULT}", _RUN)
