"""Gathers the facts of a promotion from Git, the forge and the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.promotion.case import Case, Previous
from mergeline.promotion.deployments import deployed
from mergeline.promotion.services import ENVIRONMENTS

if TYPE_CHECKING:
    from datetime import datetime

    from mergeline.promotion.provenance import Provenance
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder


def gather_case(
    services: Services,
    model: ModelFolder,
    environment: str,
    *,
    base: str | None,
    provenance: Provenance | None,
    merged: bool,
    moment: datetime,
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

    Raises:
        ToolError: something does not answer.
    """
    desired = model.environments[environment]
    before = services.model_at(base, model.name) if base else None
    registered = services.registry.find(model.name, desired.version)
    return Case(
        model=model,
        environment=environment,
        desired=desired,
        current=before.environments.get(environment) if before else None,
        registered=registered,
        provenance=provenance,
        merged=merged,
        previous=_previous(before, environment, registered, moment),
        evidence_age_seconds=_evidence_age(services, model, environment, moment),
    )


def _previous(
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
    soaked = int((moment - made.moment).total_seconds()) if made else 0
    return Previous(desired.version, desired.digest, made is not None, max(soaked, 0))


def _evidence_age(
    services: Services, model: ModelFolder, environment: str, moment: datetime
) -> int:
    release = model.releases.get(model.environments[environment].version)
    if release is None:
        return 0
    trained = services.git.commit_time(release.training.commit)
    return max(int(moment.timestamp()) - trained, 0)
