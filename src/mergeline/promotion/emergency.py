"""An emergency is followed up: an issue stays open, and answers stay red, until somebody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.findings import Finding, Severity
from mergeline.promotion.deployments import deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.issues import issue_of
from mergeline.specs.places import locate
from mergeline.specs.types.environment import Emergency

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.forge import Forge
    from mergeline.forge.types import Issue
    from mergeline.promotion.case import Case
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder

LABEL = "mergeline-emergency"
# As the schema asks.
_SHORTEST = 20


def declare(services: Services, reason: str, waives: tuple[str, ...]) -> Emergency:
    """Return an emergency by who asks, that waives what the organisation lets it.

    Raises:
        RefusedError: it waives nothing, or what may not be waived, or the reason says too little.
        ToolError: the policies cannot be read.
        UsageError: it is not known who asks.
    """
    data = services.judge_of(services.head).library.data
    allowed = data.get("organization", {}).get("emergency", {}).get("may_waive", [])
    strange = [name for name in waives if name not in allowed]
    if strange or not waives:
        what = f"cannot waive {', '.join(strange)}" if strange else "waives nothing"
        raise RefusedError(
            f"the emergency {what}",
            hint=f"name with --waive what stands in the way, of: {', '.join(allowed) or 'nothing'}",
        )
    if len(reason) < _SHORTEST:
        raise RefusedError(
            f"the reason has {len(reason)} characters, {_SHORTEST} are needed",
            hint="say what is broken for whom, so that a reviewer can decide in a minute",
        )
    return Emergency(reason=reason, by=services.person, waives=waives)


def follow_up(forge: Forge, case: Case, commit: str) -> int | None:
    """Open the issue that follows an emergency up, or find it; return its number.

    Raises:
        ToolError: the forge does not answer.
    """
    emergency = case.emergency
    if emergency is None:
        return None
    path = environment_path(case.model.name, case.environment)
    people = case.provenance.pull_request.number if case.provenance else "?"
    body = (
        f"{emergency.by} declared an emergency for **{case.environment}** of "
        f"`{case.model.name}`, which brought **{case.desired.version}** there through pull "
        f"request #{people}.\n\n> {' '.join(emergency.reason.split())}\n\n"
        f"Set aside: {', '.join(f'`{name}`' for name in emergency.waives)}.\n\n"
        "Do afterwards what was set aside (review, soak, fresh evidence), or roll back; then "
        "close this issue. `mergeline status` and `apply` stay red until it is closed.\n"
    )
    marker = f"<!-- mergeline:emergency {path} {commit} -->"
    title = f"{case.model.name}: follow up the emergency in {case.environment}"
    found = issue_of(forge, LABEL, marker)
    made = found or forge.create_issue(title=title, body=f"{body}\n{marker}\n", labels=[LABEL])
    return made.number


def open_emergency(
    model: ModelFolder,
    environment: str,
    actual: RegisteredVersion,
    ask: Callable[[int], Issue],
) -> tuple[Finding, ...]:
    """Return what is to be said while an environment's emergency is not followed up.

    Args:
        model: the model on the default branch.
        environment: the environment.
        actual: what the registry has there.
        ask: gives an issue of the forge; called only if there was an emergency.

    Raises:
        ToolError: the forge does not answer.
    """
    wanted, made = model.environments.get(environment), deployed(actual, environment)
    if made is not None and made.issue is not None:
        closed = ask(made.issue).state == "closed"
        return () if closed else (emergency_finding(model, environment, made.issue),)
    if made is not None and wanted is not None and wanted.emergency is not None:
        return (emergency_finding(model, environment, None),)
    return ()


def emergency_finding(model: ModelFolder, environment: str, issue: int | None) -> Finding:
    """Return the finding that an emergency waits for somebody; None: its issue is not known."""
    which = f"issue #{issue} is open" if issue else "the registry names no issue for it"
    return Finding(
        "emergency-open",
        Severity.ERROR,
        f"the emergency in {environment} of {model.name} is not followed up: {which}",
        locate(model, ("environments", environment, "emergency")),
        f"do what was set aside, then close issue #{issue}"
        if issue
        else "somebody has edited the registry's tag: promote a release without an emergency",
    )
