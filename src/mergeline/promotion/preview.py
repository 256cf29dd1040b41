"""What the judge would say of a pull request if it were merged now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.findings import Finding, Severity
from mergeline.promotion.gathering import gather_case
from mergeline.promotion.judgement import judge_change, judge_model, judge_promotion
from mergeline.promotion.provenance import provenance_of
from mergeline.promotion.reviewed import tracked_by
from mergeline.promotion.services import ENVIRONMENTS
from mergeline.promotion.teams import TeamsNotToldError
from mergeline.specs.check import check
from mergeline.specs.places import locate
from mergeline.specs.repository import MODELS
from mergeline.specs.secrets import outside_of_models, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.forge.types import PullRequest
    from mergeline.policy.engine import PolicyEngine
    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder


def preview(services: Services, number: int) -> list[Finding]:
    """Judge a pull request by the policies of its base, as if it were merged now.

    Raises:
        RefusedError: it does not go to the default branch, or is closed.
        ToolError: something does not answer.
    """
    pull_request = services.forge.pull_request(number)
    if pull_request.state == "closed":
        raise RefusedError(f"pull request #{number} is closed")
    if pull_request.base_ref != services.default_branch:
        raise RefusedError(
            f"pull request #{number} goes to {pull_request.base_ref}, not to "
            f"{services.default_branch}, from which alone anything is applied"
        )
    # Asking for the default branch's head also brings the pull request's branch here.
    base = services.git.merge_base(services.seen_head, pull_request.head_sha) or services.seen_head
    engine = services.judge_of(services.seen_head)
    findings = tracked_by(services.git, pull_request.head_sha)
    findings += _secrets_beside(services, base, pull_request.head_sha)
    for name in _models(services, base, pull_request.head_sha):
        findings += _judge_one(services, engine, pull_request, base, name)
    return findings


def _secrets_beside(services: Services, base: str, head: str) -> list[Finding]:
    """Look for secrets in what a pull request changes outside of models."""
    tree = services.git.tree(head)
    changed = set(services.git.changed_paths(base, head))
    return list(secrets_in(tree, [path for path in outside_of_models(tree) if path in changed]))


def _models(services: Services, base: str, head: str) -> list[str]:
    """Return the models that a pull request touches and does not delete."""
    paths = (path.split("/") for path in services.git.changed_paths(base, head))
    touched = {parts[1] for parts in paths if parts[0] == MODELS and len(parts) > 2}
    tree = services.git.tree(head)
    return sorted(name for name in touched if tree.files(f"{MODELS}/{name}"))


def _judge_one(
    services: Services, engine: PolicyEngine, pull_request: PullRequest, base: str, name: str
) -> Iterator[Finding]:
    head = pull_request.head_sha
    repository, findings = check(services.git.tree(head), only={name})
    yield from findings
    model = repository.models.get(name)
    if model is None:
        return
    yield from judge_model(engine, model, repository)
    yield from judge_change(engine, services.git, base, head, name)
    for environment in ENVIRONMENTS:
        if _changes(services, model, environment, base):
            yield from _judge_environment(services, engine, model, environment, pull_request)


def _changes(services: Services, model: ModelFolder, environment: str, base: str) -> bool:
    before = services.model_at(base, model.name)
    old = before.environments.get(environment) if before else None
    return environment in model.environments and model.environments[environment] != old


def _judge_environment(
    services: Services,
    engine: PolicyEngine,
    model: ModelFolder,
    environment: str,
    pull_request: PullRequest,
) -> list[Finding]:
    provenance = provenance_of(services.forge, pull_request, services.default_branch)
    gather = partial(
        gather_case,
        services,
        model,
        environment,
        base=services.seen_head,
        provenance=provenance,
        merged=True,
        moment=services.clock(),
    )
    try:
        return judge_promotion(engine, gather())
    except TeamsNotToldError as error:
        # The token of a workflow may not read teams, and a preview decides nothing.
        found = judge_promotion(engine, gather(ask_teams=False))
        return [*found, _not_told(model, environment, error)]


def _not_told(model: ModelFolder, environment: str, error: TeamsNotToldError) -> Finding:
    return Finding(
        "teams-not-known",
        Severity.WARNING,
        error.message,
        locate(model, ("environments", environment)),
        "apply asks again, with a token that may read teams, and refuses while it is not known",
    )
