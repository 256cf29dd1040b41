"""Makes one environment of one model what the default branch says, if it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.findings import has_errors
from mergeline.promotion.deciding import case_of, decide, deployment_of, merge_of
from mergeline.promotion.deployments import Deployed, deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.emergency import emergency_finding
from mergeline.promotion.outcome import Outcome

if TYPE_CHECKING:
    from mergeline.promotion.case import Case
    from mergeline.promotion.deciding import Merge
    from mergeline.promotion.deployments import Record
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder


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
    actual = services.registry.aliases(model.name, [environment]).get(environment)
    path = environment_path(model.name, environment)
    commit = services.git.last_change(services.head, [path])
    if actual and actual.digest == desired.digest and commit in _applied(actual, environment):
        message = f"{environment} is {desired.version}"
        found = services.emergencies.open(model, environment, actual)
        return Outcome(model.name, environment, "unchanged", message, found)
    merge = merge_of(services, str(commit), path)
    case = case_of(services, model, environment, merge)
    findings = decide(services, case, merge)
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


def _move(
    services: Services,
    case: Case,
    target: RegisteredVersion,
    merge: Merge,
    actual: RegisteredVersion | None,
) -> Outcome:
    name, environment = case.model.name, case.environment
    record: Record = "hold" if case.settled else "deployment"
    # The first application counts for the soak; putting a moved alias back is no new one.
    earlier = deployed(target, environment, record)
    known = earlier if earlier and earlier.commit == merge.commit else None
    # The issue before the alias: killed between them, no emergency goes without.
    made = known or deployment_of(services, case, merge, earlier)
    if actual is None or actual.number != target.number:
        _require_newest(services, case, actual)
        services.registry.set_alias(name, environment, target.number)
    if known is None:
        services.registry.set_tags(name, target.number, made.as_tags(environment, record))
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


def _require_newest(services: Services, case: Case, actual: RegisteredVersion | None) -> None:
    """Look once more, right before the alias moves: a newer apply may have come before this one.

    MLflow moves an alias without a condition, so what is left between is the time of one request.

    Raises:
        RefusedError: the default branch says something else by now, or the alias was moved.
    """
    name, environment = case.model.name, case.environment
    path, head = environment_path(name, environment), services.newest_head()
    last_change = services.git.last_change
    if head != services.head and last_change(head, [path]) != last_change(services.head, [path]):
        raise RefusedError(
            f"{path} was changed on {services.default_branch} since this apply began",
            hint=f"mergeline apply {name}",
        )
    now = services.registry.aliases(name, [environment]).get(environment)
    if (now and now.number) != (actual and actual.number):
        version = now.version if now else "nothing"
        raise RefusedError(
            f"{environment} was moved to {version} since this apply began",
            hint=f"mergeline apply {name}",
        )


def _approved(made: Deployed) -> str:
    return f", approved by {' and '.join(made.approved_by)}" if made.approved_by else ""
