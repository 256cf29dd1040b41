"""Settings of Actions: environments, permissions, names of secrets and variables, Apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.call import Answer
from mergeline.devforge.refusal import Refusal, admins_only, not_found
from mergeline.devforge.shapes import actions as shapes
from mergeline.devforge.shapes.repository import permissions, repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mergeline.devforge.call import Call
    from mergeline.devforge.guards import Actions, Environment


def list_environments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/environments."""
    found = [
        shapes.environment(call.urls, call.forge.accounts, number, data)
        for number, data in enumerate(call.forge.config.environments, start=1)
    ]
    return _counted("environments", found)


def list_branch_policies(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/environments/{name}/deployment-branch-policies."""
    asked = _environment(call)
    patterns = [(p, "branch") for p in asked.branches or ()] + [(p, "tag") for p in asked.tags]
    found = [shapes.branch_policy(n, *pattern) for n, pattern in enumerate(patterns, start=1)]
    return _counted("branch_policies", found)


def list_secrets(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/secrets."""
    return _secrets(call, call.forge.config.actions.secrets)


def list_organization_secrets(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/organization-secrets."""
    return _secrets(call, call.forge.config.actions.organization_secrets)


def list_variables(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/variables."""
    return _variables(call, call.forge.config.actions.variables)


def list_environment_secrets(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/environments/{name}/secrets."""
    environment = _environment(call)
    return _secrets(call, environment.secrets, environment.secrets_updated_at)


def list_environment_variables(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/environments/{name}/variables."""
    return _variables(call, _environment(call).variables)


def get_permissions(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/permissions: administrators only."""
    settings = _settings(call)
    shown: dict[str, object] = {"enabled": settings.enabled}
    if settings.enabled:
        shown |= {
            "allowed_actions": settings.allowed_actions,
            "sha_pinning_required": settings.sha_pinning_required,
        }
    return Answer(shown)


def get_selected_actions(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/permissions/selected-actions."""
    settings = _settings(call)
    if settings.allowed_actions != "selected":
        raise Refusal(409, "All actions and reusable workflows are allowed on this repository")
    return Answer(
        {
            "github_owned_allowed": settings.github_owned_allowed,
            "verified_allowed": settings.verified_allowed,
            "patterns_allowed": list(settings.patterns_allowed),
        }
    )


def get_workflow_permissions(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/permissions/workflow."""
    settings = _settings(call)
    return Answer(
        {
            "default_workflow_permissions": settings.default_workflow_permissions,
            "can_approve_pull_request_reviews": settings.can_approve_pull_request_reviews,
        }
    )


def get_fork_approval(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/permissions/fork-pr-contributor-approval."""
    return Answer({"approval_policy": _settings(call).fork_approval})


def get_private_forks(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/actions/permissions/fork-pr-workflows-private-repos."""
    settings = _settings(call)
    if not call.forge.config.private:
        raise not_found()
    return Answer(
        {
            "run_workflows_from_fork_pull_requests": settings.private_forks_run,
            "send_write_tokens_to_workflows": settings.private_forks_write,
            "send_secrets_and_variables": settings.private_forks_get_secrets,
            "require_approval_for_fork_pr_workflows": False,
        }
    )


def list_installations(call: Call) -> Answer:
    """GET /orgs/{org}/installations: owners only."""
    if call.user.role != "admin" or call.user.type == "Bot":
        raise Refusal(403, "You must be an organization owner or have the required permission")
    forge = call.forge
    found = [
        shapes.installation(call.urls, forge.accounts, forge.config, number, data)
        for number, data in enumerate(forge.config.installations, start=1)
    ]
    return _counted("installations", found)


def get_app(call: Call) -> Answer:
    """GET /apps/{slug}: told to everybody."""
    number = call.forge.config.app_id(call.path["slug"])
    if number is None:
        raise not_found()
    return Answer(shapes.app(call.urls, call.forge.accounts, number, call.path["slug"]))


def list_installation_repositories(call: Call) -> Answer:
    """GET /installation/repositories: an App's token only."""
    if call.user.type != "Bot":
        raise Refusal(403, "You must authenticate with an installation access token")
    forge = call.forge
    shown = repository(call.urls, forge.accounts, forge.config)
    shown["permissions"] = permissions(call.user.role)
    return _counted("repositories", [shown])


def _settings(call: Call) -> Actions:
    if call.user.role != "admin":
        raise admins_only()
    return call.forge.config.actions


def _environment(call: Call) -> Environment:
    for environment in call.forge.config.environments:
        if environment.name == call.path["name"]:
            return environment
    raise not_found()


def _secrets(call: Call, names: Iterable[str], updated_at: str | None = None) -> Answer:
    _refuse_readers(call)
    updated_at = updated_at or call.forge.pulls.now()
    return _counted("secrets", [shapes.secret(name, updated_at) for name in names])


def _variables(call: Call, values: Mapping[str, str]) -> Answer:
    _refuse_readers(call)
    return _counted("variables", [shapes.variable(k, v) for k, v in values.items()])


def _refuse_readers(call: Call) -> None:
    if call.user.role == "read":
        raise admins_only()


def _counted(key: str, elements: list[dict[str, object]]) -> Answer:
    return Answer({"total_count": len(elements), key: elements}, paged=key)
