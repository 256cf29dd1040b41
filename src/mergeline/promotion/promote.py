"""The pull request that moves a release to an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.promotion.documents import (
    environment_file,
    environment_path,
    release_file,
    release_path,
)
from mergeline.promotion.history import last_wanted
from mergeline.promotion.opening import open_proposal
from mergeline.promotion.outcome import Outcome
from mergeline.promotion.proposal import Proposal
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.specs.types import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree
    from mergeline.specs.types import Release
    from mergeline.specs.types.environment import Emergency
    from mergeline.specs.types.scalars import EnvironmentName


def promote(
    services: Services,
    model: ModelFolder,
    environment: EnvironmentName,
    release: Release,
    *,
    reopen: bool,
    emergency: Emergency | None = None,
    evidence: Mapping[str, bytes] | None = None,
) -> Outcome:
    """Open, adopt or update the pull request that sets an environment to a release.

    Args:
        services: what to work with.
        model: the model on the default branch.
        environment: the environment to set.
        release: the release; its record is added if the default branch does not have it.
        reopen: open it again even if a person closed an equal one?
        emergency: what sets gates aside for this change; it has a pull request of its own.
        evidence: what stands beside the record, by path below the model folder, if it is added.

    Raises:
        ToolError: the forge or the remote does not answer.
    """
    there = model.environments.get(environment)
    if there is not None and there.digest == release.digest:
        return Outcome(
            model.name, environment, "unchanged", f"{environment} is {release.version} already"
        )
    current = there or last_wanted(services.git, services.head, model.name, environment)
    return open_proposal(
        services,
        _proposal(
            services.git.tree(services.head),
            model,
            environment,
            (release, evidence or {}),
            current,
            emergency,
        ),
        f"sets {environment} to {release.version}",
        reopen=reopen,
    )


def choose_release(model: ModelFolder, environment: str, version: str | None) -> Release:
    """Return the release to promote: the one asked for, else that of the environment below.

    Raises:
        RefusedError: there is no such release.
    """
    place = ENVIRONMENTS.index(environment)
    below = model.environments.get(ENVIRONMENTS[place - 1]) if place else None
    wanted = version or (below.version if below else model.model.version)
    release = model.releases.get(wanted)
    if release is None:
        known = ", ".join(sorted(model.releases)) or "none"
        raise RefusedError(
            f"{model.name} has no release {wanted}",
            hint=f"releases: {known}; mergeline apply makes new ones",
        )
    return release


def _proposal(
    tree: Tree,
    model: ModelFolder,
    environment: EnvironmentName,
    recorded: tuple[Release, Mapping[str, bytes]],
    current: Environment | None,
    emergency: Emergency | None,
) -> Proposal:
    release, evidence = recorded
    desired = Environment(
        api_version="mergeline.dev/v1",
        kind="Environment",
        name=environment,
        version=release.version,
        digest=release.digest,
        replaces=current.digest if current else None,
        reason=emergency.reason if emergency else f"Promote {release.version} to {environment}.",
        hold=current.hold if current else None,
        emergency=emergency,
    )
    files = {environment_path(model.name, environment): environment_file(desired, tree)}
    if release.version not in model.releases:
        files[release_path(model.name, release.version)] = release_file(release, tree)
        files |= {f"{model.path}/{path}": content for path, content in evidence.items()}
    return Proposal(
        model=model.name,
        environment=environment,
        digest=release.digest,
        title=f"{model.name}: {release.version} to {environment}",
        body=(
            f"Sets **{environment}** of `{model.name}` from "
            f"{current.version if current else 'nothing'} to **{release.version}**.\n\n"
            f"{_urgent_text(emergency)}{evidence_text(release)}"
        ),
        files=files,
        kind="emergency" if emergency else "promotion",
    )


def _urgent_text(emergency: Emergency | None) -> str:
    if emergency is None:
        return ""
    waived = ", ".join(f"`{name}`" for name in emergency.waives)
    return (
        f"> **Emergency**, declared by {emergency.by}: {' '.join(emergency.reason.split())}\n>\n"
        f"> It sets aside {waived}. An issue stays open until somebody has followed it up.\n\n"
    )


def evidence_text(release: Release) -> str:
    """Return what a reviewer looks at, as Markdown: where the release comes from, its metrics."""
    rows = "\n".join(
        f"| {row.name}{f' ({row.slice.column} = {row.slice.value})' if row.slice else ''} "
        f"| {row.value:.4f} | {row.confidence_interval.lower:.4f} to "
        f"{row.confidence_interval.upper:.4f} |"
        for row in release.metrics
    )
    signer = release.signature.signer if release.signature else "nobody"
    return (
        f"| | |\n|---|---|\n| risk | {release.risk} |\n| owner | {release.owner} |\n"
        f"| digest | `{release.digest}` |\n"
        f"| signed by | {signer} |\n"
        f"| trained at | {release.training.commit} "
        f"(pull request #{release.training.pull_request}) |\n"
        f"| MLflow run | `{release.training.run_id}` |\n\n"
        f"| metric | value | {100 * release.metrics[0].confidence_interval.level:g} % interval |\n"
        f"|---|---|---|\n{rows}\n\n"
        f"All about it: `mergeline card {release.name}@{release.version}`.\n"
    )
