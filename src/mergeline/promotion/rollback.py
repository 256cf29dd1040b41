"""The pull request that brings the last verified release back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.promotion.documents import environment_file, environment_path
from mergeline.promotion.fitting import misfits
from mergeline.promotion.history import history_of
from mergeline.promotion.hold import new_hold, wanted_now
from mergeline.promotion.opening import open_proposal
from mergeline.promotion.outcome import Outcome
from mergeline.promotion.promote import evidence_text
from mergeline.promotion.proposal import Proposal
from mergeline.specs.types import Environment

if TYPE_CHECKING:
    from mergeline.promotion.history import History
    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release
    from mergeline.specs.types.environment import Hold
    from mergeline.specs.types.scalars import EnvironmentName


def roll_back(
    services: Services,
    model: ModelFolder,
    environment: EnvironmentName,
    version: str | None,
    reason: str,
) -> Outcome:
    """Open or adopt the pull request that restores an earlier release, and holds it there.

    Args:
        services: what to work with.
        model: the model on the default branch.
        environment: where.
        version: the release to restore; None: the last one that was verified there.
        reason: why, for the record.

    Returns:
        What was done; refused, with findings, if the release does not fit today's columns.

    Raises:
        RefusedError: there is no such release, or it was never verified there.
        ToolError: the forge, the remote or the registry does not answer.
        UsageError: it is not known who asks.
    """
    current = wanted_now(model, environment)
    release = _target(services, model, current, version)
    package = services.registry.download_model(model.name, release.version, release.digest)
    findings = misfits(model, release, package, services.digest_of)
    if findings:
        message = f"{environment} is not rolled back to {release.version}: it does not fit"
        return Outcome(model.name, environment, "refused", message, tuple(findings))
    held = new_hold(
        services,
        model.name,
        environment,
        "rollback",
        f"Rolled back from {current.version}: {reason}",
    )
    return open_proposal(
        services,
        _proposal(services, model, current, release, reason, held),
        f"rolls {environment} back from {current.version} to {release.version}",
        reopen=True,
    )


def _target(
    services: Services, model: ModelFolder, current: Environment, version: str | None
) -> Release:
    history = history_of(services.git, services.head, model.name, current.name)
    if version is None and history.came_back:
        raise RefusedError(
            f"{current.version} came to {current.name} by a rollback; none follows by itself",
            hint="name the release with --to VERSION",
        )
    for entry in history.earlier(current.digest):
        release = model.releases.get(entry.version)
        if (
            release is None
            or release.digest != entry.digest
            or version not in (None, entry.version)
        ):
            continue
        if history.verified(entry.digest, services.registry.find(model.name, entry.version)):
            return release
    what = f"release {version} was not" if version else "no release was"
    raise RefusedError(
        f"{what} verified in {current.name} before {current.version} came there",
        hint=_known(services, model, history, current),
    )


def _known(services: Services, model: ModelFolder, history: History, current: Environment) -> str:
    verified = [
        entry.version
        for entry in history.earlier(current.digest)
        if history.verified(entry.digest, services.registry.find(model.name, entry.version))
    ]
    return f"verified there earlier: {', '.join(verified) or 'none'}"


def _proposal(
    services: Services,
    model: ModelFolder,
    current: Environment,
    release: Release,
    reason: str,
    held: Hold,
) -> Proposal:
    environment = current.name
    desired = Environment(
        api_version="mergeline.dev/v1",
        kind="Environment",
        name=environment,
        version=release.version,
        digest=release.digest,
        replaces=current.digest,
        reason=f"Roll back from {current.version}: {reason}",
        hold=held,
    )
    file = environment_file(desired, services.git.tree(services.head))
    return Proposal(
        model=model.name,
        environment=environment,
        digest=release.digest,
        title=f"{model.name}: roll {environment} back to {release.version}",
        body=(
            f"Brings **{release.version}** of `{model.name}` back to **{environment}**, which "
            f"has {current.version}, and holds it there.\n\n> {' '.join(reason.split())}\n\n"
            f"{evidence_text(release)}"
        ),
        files={environment_path(model.name, environment): file},
        kind="rollback",
    )
