"""Every endpoint of the forge: method, path, function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.endpoints import (
    actions,
    comments,
    guards,
    happenings,
    issues,
    pulls,
    repository,
    reviews,
    statuses,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.devforge.call import Answer, Call

_REPO = "/repos/{owner}/{repo}"
_ENVIRONMENT = _REPO + "/environments/{name:path}"

ENDPOINTS: tuple[tuple[str, str, Callable[[Call], Answer]], ...] = (
    ("GET", "/user", repository.get_user),
    ("GET", _REPO, repository.get_repository),
    ("GET", _REPO + "/branches/{branch:path}/protection", guards.get_protection),
    ("GET", _REPO + "/branches/{branch:path}", repository.get_branch),
    ("DELETE", _REPO + "/git/refs/heads/{branch:path}", repository.delete_branch),
    ("GET", _REPO + "/rules/branches/{branch:path}", guards.list_branch_rules),
    ("GET", _REPO + "/rulesets", guards.list_rulesets),
    ("GET", _REPO + "/rulesets/{id:int}", guards.get_ruleset),
    ("GET", _REPO + "/codeowners/errors", guards.list_codeowners_errors),
    ("GET", _REPO + "/keys", guards.list_deploy_keys),
    ("GET", _REPO + "/collaborators", guards.list_collaborators),
    ("GET", _REPO + "/collaborators/{username}/permission", guards.get_permission),
    ("GET", "/orgs/{org}/teams/{slug}/members", guards.list_team_members),
    ("GET", "/orgs/{org}/installations", actions.list_installations),
    ("GET", "/apps/{slug}", actions.get_app),
    ("GET", "/installation/repositories", actions.list_installation_repositories),
    ("GET", _REPO + "/environments", actions.list_environments),
    ("GET", _ENVIRONMENT + "/deployment-branch-policies", actions.list_branch_policies),
    ("GET", _ENVIRONMENT + "/secrets", actions.list_environment_secrets),
    ("GET", _ENVIRONMENT + "/variables", actions.list_environment_variables),
    ("GET", _REPO + "/actions/secrets", actions.list_secrets),
    ("GET", _REPO + "/actions/organization-secrets", actions.list_organization_secrets),
    ("GET", _REPO + "/actions/variables", actions.list_variables),
    ("GET", _REPO + "/actions/permissions", actions.get_permissions),
    ("GET", _REPO + "/actions/permissions/selected-actions", actions.get_selected_actions),
    ("GET", _REPO + "/actions/permissions/workflow", actions.get_workflow_permissions),
    (
        "GET",
        _REPO + "/actions/permissions/fork-pr-contributor-approval",
        actions.get_fork_approval,
    ),
    (
        "GET",
        _REPO + "/actions/permissions/fork-pr-workflows-private-repos",
        actions.get_private_forks,
    ),
    ("GET", _REPO + "/activity", happenings.list_activity),
    ("GET", _REPO + "/pulls", pulls.list_pulls),
    ("POST", _REPO + "/pulls", pulls.create_pull),
    ("GET", _REPO + "/pulls/{number:int}", pulls.get_pull),
    ("PATCH", _REPO + "/pulls/{number:int}", pulls.update_pull),
    ("PUT", _REPO + "/pulls/{number:int}/merge", pulls.merge_pull),
    ("GET", _REPO + "/pulls/{number:int}/commits", pulls.list_commits),
    ("GET", _REPO + "/pulls/{number:int}/files", pulls.list_files),
    ("GET", _REPO + "/pulls/{number:int}/reviews", reviews.list_reviews),
    ("POST", _REPO + "/pulls/{number:int}/reviews", reviews.create_review),
    (
        "PUT",
        _REPO + "/pulls/{number:int}/reviews/{id:int}/dismissals",
        reviews.dismiss_review,
    ),
    ("GET", _REPO + "/issues", issues.list_issues),
    ("POST", _REPO + "/issues", issues.create_issue),
    ("GET", _REPO + "/issues/{number:int}", issues.get_issue),
    ("PATCH", _REPO + "/issues/{number:int}", issues.update_issue),
    ("POST", _REPO + "/issues/{number:int}/labels", issues.add_labels),
    ("GET", _REPO + "/issues/{number:int}/events", happenings.list_events),
    ("GET", _REPO + "/issues/{number:int}/comments", comments.list_comments),
    ("POST", _REPO + "/issues/{number:int}/comments", comments.create_comment),
    ("PATCH", _REPO + "/issues/comments/{id:int}", comments.update_comment),
    ("POST", _REPO + "/statuses/{sha}", statuses.create_status),
    ("GET", _REPO + "/commits/{sha}/pulls", pulls.list_pulls_of_commit),
    ("GET", _REPO + "/commits/{ref:path}/status", statuses.get_combined_status),
)
