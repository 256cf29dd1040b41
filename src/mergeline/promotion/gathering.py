"""Gathers the facts of a promotion from Git, the forge and the registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from mergeline.errors import RefusedError
from mergeline.plan.approvals import teams_asked
from mergeline.promotion.case import Case, Previous
from mergeline.promotion.deployments import deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.history import environment_at, history_of, last_wanted
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.promotion.teams import with_teams
from mergeline.registry.trust import trust_of
from mergeline.specs.repository import model_names
from mergeline.specs.types.scalars import Risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.promotion.history import History
    from mergeline.promotion.provenance import Provenance
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Environment
    from mergeline.specs.types.environment import Hold

# The lowest first.
_RISKS: tuple[Risk, ...] = get_args(Risk)


def gather_case(
    services: Services,
    model: ModelFolder,
    environment: str,
    *,
    base: str | None,
    provenance: Provenance | None,
    merged: bool,
    moment: datetime,
    ask_teams: bool = True,
) -> Case:
    """Return the facts of a promotion.

    Args:
        services: what to ask.
        model: the model with the promotion in it.
        environment: the environment that it changes; its file is there.
        base: the commit before the promotion; None: there is none.
        provenance: the pull request, or None.
        merged: is it (to be taken as) merged?
        moment: when it was, or would be, merged.
        ask_teams: False for a preview to which the forge does not tell them: none is asked for.

    Raises:
        RefusedError: the model does not conform at the base.
        TeamsNotToldError: the forge does not tell who is in a team.
        ToolError: something does not answer.
    """
    desired = model.environments[environment]
    before = _before(services, base, model.name)
    current = last_wanted(services.git, base, model.name, environment) if base else None
    registered = services.registry.find(model.name, desired.version)
    history = history_of(services.git, base, model.name, environment)
    verified = history.verified(desired.digest, registered)
    risk = _risk(before, model, desired.version)
    asked = _teams_asked(services, base, (before or model).model.owner, risk, environment)
    if asked and not ask_teams:
        asked = ()
    return Case(
        model=model,
        environment=environment,
        risk=risk,
        desired=desired,
        current=current,
        standing_hold=_standing_hold(services, history, model.name),
        registered=registered,
        provenance=_with_teams(services, provenance, asked or ()),
        merged=merged,
        previous=_previous(services, base, before, environment, registered, moment),
        evidence_age_seconds=_evidence_age(services, model, environment, moment),
        verified=verified,
        rollback=verified and _goes_back(history, desired, current),
        moment=moment,
        teams_asked=asked,
        signers=_signers(services, base),
    )


def _before(services: Services, base: str | None, name: str) -> ModelFolder | None:
    """Return the model before the promotion; None: there was none.

    Raises:
        RefusedError: it was there and does not conform. Who owned it, and how much was at stake,
            would be known from the promotion itself alone.
    """
    before = services.model_at(base, name) if base else None
    if base and before is None and name in model_names(services.git.tree(base)):
        raise RefusedError(
            f"the files of {name} at {base[:10]}, onto which the promotion comes, do not conform: "
            "whose approval it needs is not known",
            hint=f"mend {name} by a pull request of its own, then promote again",
        )
    return before


def _risk(before: ModelFolder | None, model: ModelFolder, version: str) -> Risk:
    """Return the highest risk on record: a change does not lower what it is judged by.

    Lowered before its promotion, it counts from the next release on, which is evaluated as such.
    """
    said = [folder.model.risk for folder in (before, model) if folder]
    release = model.releases.get(version)
    return max([*said, *([release.risk] if release else [])], key=_RISKS.index)


def _teams_asked(
    services: Services, base: str | None, owner: str, risk: Risk, environment: str
) -> tuple[str, ...] | None:
    """Return the teams that the policies of the base ask for; its owner is the one of then."""
    if base is None:
        return None
    tunables = services.judge_of(base).library.data.get("organization", {})
    return teams_asked(tunables, environment, risk, owner)


def _signers(services: Services, base: str | None) -> tuple[str, ...] | None:
    if base is None:
        return None
    trust = trust_of(services.judge_of(base).library.data)
    return tuple(dict.fromkeys(one.name for one in trust.signers))


def _with_teams(
    services: Services, provenance: Provenance | None, asked: Sequence[str]
) -> Provenance | None:
    if provenance is None:
        return None
    approvals = with_teams(provenance.approvals, asked, services.forge.team_members)
    return replace(provenance, approvals=approvals)


def _standing(services: Services, history: History, model: str) -> RegisteredVersion | None:
    """Return what stands in an environment; without its alias, what was last put there."""
    environment = history.environment
    actual = services.registry.aliases(model, [environment]).get(environment)
    if actual is not None:
        return actual
    for entry in reversed(history.entries):
        found = services.registry.find(model, entry.version)
        if history.verified(entry.digest, found):
            return found
    return None


def _standing_hold(services: Services, history: History, model: str) -> Hold | None:
    """Return the hold of what was applied last: one that was lifted unapproved still holds."""
    environment = history.environment
    actual = _standing(services, history, model)
    records = (deployed(actual, environment, one) for one in ("deployment", "hold"))
    applied = {record.commit for record in records if record}
    commits = [entry.commit for entry in history.entries if entry.commit in applied]
    if not commits:
        return None
    made = environment_at(services.git, commits[-1], environment_path(model, environment))
    return made.hold if made else None


def _goes_back(history: History, desired: Environment, current: Environment | None) -> bool:
    """Never from what the pull request says: by the order in which releases first came here."""
    if current is None:
        return False
    return desired.digest in {entry.digest for entry in history.earlier(current.digest)}


def _previous(
    services: Services,
    base: str | None,
    before: ModelFolder | None,
    environment: str,
    registered: RegisteredVersion | None,
    moment: datetime,
) -> Previous | None:
    place = ENVIRONMENTS.index(environment)
    if place == 0 or before is None:
        return None
    below = ENVIRONMENTS[place - 1]
    desired = before.environments.get(below)
    if desired is None:
        return None
    made = deployed(registered, below)
    history = history_of(services.git, base, before.name, below)
    verified = made is not None and history.verified(desired.digest, registered)
    soaked = 0
    if made and verified:
        # A tag can be edited; nothing was there before the merge that asked for it.
        merged = datetime.fromtimestamp(services.git.commit_time(made.commit), UTC)
        soaked = int((moment - max(made.since(moment), merged)).total_seconds())
    return Previous(desired.version, desired.digest, verified, max(soaked, 0))


def _evidence_age(
    services: Services, model: ModelFolder, environment: str, moment: datetime
) -> int:
    release = model.releases.get(model.environments[environment].version)
    if release is None:
        return 0
    trained = services.git.commit_time(release.training.commit)
    return max(int(moment.timestamp()) - trained, 0)
