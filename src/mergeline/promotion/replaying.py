"""Bringing back what the registry knew of deployments, from what Git and the forge can prove.

Each change of an environment that the default branch has seen is judged again, oldest first, by
the policies it was merged onto and the reviews that the forge still has. What would be allowed is
written down as restored: when it had been applied is not known any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.errors import MergelineError, RefusedError
from mergeline.findings import has_errors
from mergeline.promotion.deciding import case_of, decide, deployment_of, merge_of
from mergeline.promotion.deployments import deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.history import history_of
from mergeline.promotion.outcome import Action, Outcome
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.registry.names import REBUILT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.promotion.deployments import Record
    from mergeline.promotion.history import Wanted
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder


@dataclass(frozen=True, slots=True)
class Step:
    """A commit that wanted a release in an environment.

    Attributes:
        position: of the commit in the history of the default branch.
        environment: the environment.
        wanted: what it wanted there.
        kind: of the deployment, or of the hold alone: the release stayed.
    """

    position: int
    environment: str
    wanted: Wanted
    kind: Record


def restore_deployments(services: Services, model: ModelFolder) -> Iterator[Outcome]:
    """Write down again what is provable of where the versions of a model have been.

    What is written down already stays. One step that cannot be proven stops no other.
    """
    first_parents = services.git.first_parents(services.head)
    places = {commit: place for place, (commit, _) in enumerate(first_parents)}
    for step in _steps(services, model.name, places):
        found = services.registry.find(model.name, step.wanted.version)
        if found is None or not _lost(found, step, places):
            continue
        try:
            yield _replayed(services, model.name, step, found)
        except MergelineError as error:
            action: Action = "refused" if isinstance(error, RefusedError) else "errored"
            message = f"{_said(step)} is not restored: {error.message}"
            yield Outcome(model.name, step.environment, action, message, hint=error.hint)


def _steps(services: Services, name: str, places: Mapping[str, int]) -> list[Step]:
    steps = []
    for environment in ENVIRONMENTS:
        before = None
        for wanted in history_of(services.git, services.head, name, environment).entries:
            kind: Record = "hold" if wanted.digest == before else "deployment"
            steps.append(Step(places[wanted.commit], environment, wanted, kind))
            before = wanted.digest
    return sorted(steps, key=lambda step: step.position)


def _lost(found: RegisteredVersion, step: Step, places: Mapping[str, int]) -> bool:
    """Was the version lost, and is neither this step nor a later one of its kind written down?

    Of a version that was not lost, what is not written down was never made so.
    """
    if REBUILT not in found.tags or found.digest != step.wanted.digest:
        return False
    made = deployed(found, step.environment, step.kind)
    return made is None or places.get(made.commit, -1) < step.position


def _replayed(services: Services, name: str, step: Step, found: RegisteredVersion) -> Outcome:
    model = services.model_at(step.wanted.commit, name)
    if model is None or step.environment not in model.environments:
        raise RefusedError("at that commit the files of the model do not conform")
    merge = merge_of(services, step.wanted.commit, environment_path(name, step.environment))
    case = case_of(services, model, step.environment, merge)
    findings = decide(services, case, merge)
    if has_errors(findings) or case.registered is None:
        message = f"{_said(step)} is not restored: it would not be allowed"
        return Outcome(name, step.environment, "refused", message, tuple(findings))
    record: Record = "hold" if case.settled else "deployment"
    earlier = deployed(found, step.environment, record)
    made = deployment_of(services, case, merge, earlier, restored=True)
    services.registry.set_tags(name, found.number, made.as_tags(step.environment, record))
    agreed = f", approved by {' and '.join(made.approved_by)}" if made.approved_by else ""
    message = f"{_said(step)} (pull request #{made.pull_request}{agreed}); when is not known"
    return Outcome(name, step.environment, "restored", message)


def _said(step: Step) -> str:
    what = "the hold of" if step.kind == "hold" else "the deployment of"
    return f"{what} {step.wanted.version} in {step.environment} by {step.wanted.commit[:10]}"
