"""The pull request that holds an environment, or lifts the hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.errors import RefusedError
from mergeline.promotion.documents import environment_file, environment_path, timestamp
from mergeline.promotion.history import environment_at
from mergeline.promotion.opening import open_proposal
from mergeline.promotion.proposal import Proposal, branch_of
from mergeline.specs.types.environment import Hold

if TYPE_CHECKING:
    from mergeline.promotion.outcome import Outcome
    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Environment
    from mergeline.specs.types.scalars import EnvironmentName


def hold(
    services: Services, model: ModelFolder, environment: EnvironmentName, reason: str
) -> Outcome:
    """Open or adopt the pull request that lets nothing be promoted into an environment.

    Raises:
        RefusedError: nothing is there to hold, or it is held already.
        ToolError: the forge or the remote does not answer.
        UsageError: it is not known who asks.
    """
    current = wanted_now(model, environment)
    if current.hold is not None:
        raise RefusedError(
            f"{environment} of {model.name} is held already, since {current.hold.since} by "
            f"{current.hold.by}: {current.hold.reason}",
            hint="lift that hold first: mergeline hold MODEL --env ENV --lift --reason TEXT",
        )
    held = new_hold(services, model.name, environment, "hold", reason)
    title = f"{model.name}: hold {environment}"
    return _change(services, model, current, held, title, reason)


def lift(
    services: Services, model: ModelFolder, environment: EnvironmentName, reason: str
) -> Outcome:
    """Open or adopt the pull request that takes an environment's hold away.

    Raises:
        RefusedError: there is no hold.
        ToolError: the forge or the remote does not answer.
    """
    current = wanted_now(model, environment)
    if current.hold is None:
        raise RefusedError(f"{environment} of {model.name} is not held")
    title = f"{model.name}: lift the hold of {environment}"
    return _change(services, model, current, None, title, reason)


def wanted_now(model: ModelFolder, environment: str) -> Environment:
    """Return what Git wants of an environment.

    Raises:
        RefusedError: nothing.
    """
    current = model.environments.get(environment)
    if current is None:
        raise RefusedError(
            f"{model.name} has nothing in {environment}",
            hint=f"mergeline promote {model.name} --to {environment} brings a release there",
        )
    return current


def new_hold(services: Services, model: str, environment: str, kind: str, reason: str) -> Hold:
    """Return a hold by who asks, since now.

    A proposal that stands and says the same keeps its time, so that asking again changes nothing.
    """
    tip = services.git.remote_branch(branch_of(model, environment, kind))
    if tip is not None:
        services.git.fetch()
        stands = environment_at(services.git, tip, environment_path(model, environment))
        known = stands.hold if stands else None
        if known and (known.reason, known.by) == (reason, services.person):
            return known
    return Hold(reason=reason, by=services.person, since=timestamp(services.clock()))


def _change(
    services: Services,
    model: ModelFolder,
    current: Environment,
    held: Hold | None,
    title: str,
    reason: str,
) -> Outcome:
    """Propose another hold; the release stays, and with it what the file says of it."""
    environment = current.name
    desired = msgspec.structs.replace(current, hold=held)
    path, tree = environment_path(model.name, environment), services.git.tree(services.head)
    does = "holds" if held else "lifts the hold of"
    proposal = Proposal(
        model=model.name,
        environment=environment,
        digest=current.digest,
        title=title,
        body=f"{does.capitalize()} **{environment}** of `{model.name}`; {current.version} stays "
        f"there.\n\n> {' '.join(reason.split())}\n",
        files={path: environment_file(desired, tree)},
        kind="hold",
    )
    return open_proposal(services, proposal, f"{does} {environment}", reopen=True)
