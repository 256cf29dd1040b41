"""Apply: releases, registry and environments become what the default branch says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import MergelineError, RefusedError
from mergeline.findings import has_errors
from mergeline.promotion.outcome import Action, Outcome
from mergeline.promotion.promote import promote
from mergeline.promotion.reconcile import reconcile
from mergeline.promotion.release import release_version
from mergeline.promotion.replaying import restore_deployments
from mergeline.promotion.restoring import restore_versions
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.specs.check import check

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mergeline.findings import Finding
    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types.scalars import EnvironmentName


RELEASE = "release"
# What can be asked for on its own, in the order in which it is done.
PARTS = (RELEASE, *ENVIRONMENTS)


def apply(
    services: Services,
    names: Collection[str],
    record: Callable[[Outcome], None],
    parts: Collection[str] = (),
    *,
    rebuild: bool = False,
) -> None:
    """Reconcile models, one after another; one that is refused does not stop the next.

    Args:
        services: what to work with.
        names: the models; none: all of the default branch.
        record: is given each outcome once its effects are done; it must not raise.
        parts: those of `PARTS` to do; none: all.
        rebuild: first bring back what the registry has lost of the model?

    Raises:
        ToolError: the remote or the forge does not answer at all.
        UsageError: a model is not known.
    """
    repository, findings = check(services.git.tree(services.head), only=set(names) or None)
    for name in repository.names:
        model = repository.models.get(name)
        own = [item for item in findings if item.location.file.startswith(f"models/{name}/")]
        if model is None or has_errors(own):
            record(_invalid(name, own))
            continue
        if rebuild:
            _do(record, model, RELEASE, restore_versions(services, model))
            _do(record, model, RELEASE, restore_deployments(services, model))
        if not parts or RELEASE in parts:
            _do(record, model, RELEASE, _release(services, model))
        for environment in ENVIRONMENTS:
            if not parts or environment in parts:
                _do(record, model, environment, _environment(services, model, environment))


def _do(
    record: Callable[[Outcome], None],
    model: ModelFolder,
    subject: str,
    outcomes: Iterator[Outcome],
) -> None:
    """Do one part to its end; what stops it becomes its outcome and stops no other part."""
    try:
        for outcome in outcomes:
            record(outcome)
    except MergelineError as error:
        action: Action = "refused" if isinstance(error, RefusedError) else "errored"
        record(Outcome(model.name, subject, action, error.message, hint=error.hint))


def _release(services: Services, model: ModelFolder) -> Iterator[Outcome]:
    if model.model.version in model.releases:
        return
    signed, outcome = release_version(services, model)
    yield outcome
    if signed is not None:
        release, evidence = signed.release, signed.files
        yield promote(services, model, ENVIRONMENTS[0], release, evidence=evidence, reopen=False)


def _environment(
    services: Services, model: ModelFolder, environment: EnvironmentName
) -> Iterator[Outcome]:
    outcome = reconcile(services, model, environment)
    if outcome is not None:
        yield outcome
        if outcome.action != "refused":
            yield from _propose_next(services, model, environment)


def _propose_next(
    services: Services, model: ModelFolder, environment: EnvironmentName
) -> Iterator[Outcome]:
    """Open the pull request into the environment above, if Git does not say the same there."""
    place = ENVIRONMENTS.index(environment) + 1
    if place == len(ENVIRONMENTS):
        return
    above, here = ENVIRONMENTS[place], model.environments[environment]
    wanted = model.environments.get(above)
    held = wanted is not None and wanted.hold is not None
    if not held and (wanted is None or wanted.digest != here.digest):
        yield promote(services, model, above, model.releases[here.version], reopen=False)


def _invalid(name: str, findings: list[Finding]) -> Outcome:
    return Outcome(name, "release", "refused", "its specs are not valid", tuple(findings))
