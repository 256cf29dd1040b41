"""The pull request by which Git takes over what the registry has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mergeline.promotion.documents import environment_file, environment_path
from mergeline.promotion.history import last_wanted
from mergeline.promotion.opening import open_proposal
from mergeline.promotion.outcome import Outcome
from mergeline.promotion.proposal import Proposal
from mergeline.specs.types import Environment

if TYPE_CHECKING:
    from mergeline.promotion.services import Services
    from mergeline.promotion.status import Pin, Status
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release
    from mergeline.specs.types.scalars import EnvironmentName


def adopt(services: Services, model: ModelFolder, row: Status) -> Outcome:
    """Open or adopt the pull request that makes Git want what the registry has.

    It is judged like any other promotion, or rollback.

    Returns:
        What was done; refused if the registry has nothing there, or what Git has no record of.

    Raises:
        ToolError: the forge or the remote does not answer.
    """
    release = model.releases.get(row.actual.version or "") if row.actual else None
    if release is None or row.actual is None or release.digest != row.actual.digest:
        return Outcome(
            model.name,
            row.environment,
            "refused",
            "what the registry has there cannot be adopted: Git has no record of that release",
            hint=f"restore Git with mergeline apply {model.name}",
        )
    return open_proposal(
        services,
        _proposal(services, model, row.environment, release, row.desired),
        f"makes Git want {release.version} in {row.environment}, as the registry has it",
        reopen=True,
    )


def _proposal(
    services: Services, model: ModelFolder, environment: str, release: Release, desired: Pin | None
) -> Proposal:
    current = last_wanted(services.git, services.head, model.name, environment)
    wanted = Environment(
        api_version="mergeline.dev/v1",
        kind="Environment",
        name=cast("EnvironmentName", environment),
        version=release.version,
        digest=release.digest,
        replaces=current.digest if current else None,
        reason=f"Adopt {release.version}, which the registry has in {environment}.",
        hold=current.hold if current else None,
    )
    before = desired.version if desired else "nothing"
    return Proposal(
        model=model.name,
        environment=environment,
        digest=release.digest,
        title=f"{model.name}: adopt {release.version} in {environment}",
        body=(
            f"The registry has **{release.version}** in **{environment}** of `{model.name}`; Git "
            f"wants {before}. Merged, Git wants what is there."
        ),
        files={
            environment_path(model.name, environment): environment_file(
                wanted, services.git.tree(services.head)
            )
        },
        kind="adoption",
    )
