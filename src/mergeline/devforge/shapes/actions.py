"""Environments, secrets, variables, Apps."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.guards import DeployKey, Environment, Installation
    from mergeline.devforge.shapes.urls import Urls

_SINCE = "2024-01-01T00:00:00Z"


def environment(urls: Urls, accounts: Accounts, number: int, data: Environment) -> Json:
    """GitHub's environment."""
    policy: Json | None = None
    custom = data.branches is not None or bool(data.tags)
    if data.protected_branches or custom:
        policy = {
            "protected_branches": data.protected_branches,
            "custom_branch_policies": custom,
        }
    return {
        "id": number,
        "node_id": node_id("Environment", number),
        "name": data.name,
        "url": f"{urls.api}/environments/{quote(data.name, safe='')}",
        "html_url": f"{urls.html}/deployments/activity_log?environments_filter={data.name}",
        "created_at": _SINCE,
        "updated_at": _SINCE,
        "protection_rules": _rules(urls, accounts, number, data, branches=policy is not None),
        "deployment_branch_policy": policy,
    }


def branch_policy(number: int, pattern: str, kind: str) -> Json:
    """GitHub's deployment-branch-policy; `kind` is branch or tag."""
    return {
        "id": number,
        "node_id": node_id("DeploymentBranchPolicy", number),
        "name": pattern,
        "type": kind,
    }


def secret(name: str, updated_at: str) -> Json:
    """GitHub's actions-secret: a name without its value."""
    return {"name": name, "created_at": _SINCE, "updated_at": updated_at}


def variable(name: str, value: str) -> Json:
    """GitHub's actions-variable."""
    return {"name": name, "value": value, "created_at": _SINCE, "updated_at": _SINCE}


def deploy_key(urls: Urls, number: int, data: DeployKey) -> Json:
    """GitHub's deploy-key."""
    return {
        "id": number,
        "key": f"ssh-ed25519 {number}",
        "url": f"{urls.api}/keys/{number}",
        "title": data.title,
        "verified": True,
        "created_at": _SINCE,
        "read_only": data.read_only,
    }


def app(urls: Urls, accounts: Accounts, number: int, slug: str) -> Json:
    """GitHub's integration: an App."""
    return {
        "id": number,
        "slug": slug,
        "node_id": node_id("App", number),
        "owner": simple_user(urls, accounts, accounts.of_login(f"{slug}[bot]")),
        "name": slug,
        "description": None,
        "external_url": urls.base,
        "html_url": f"{urls.base}/apps/{slug}",
        "created_at": _SINCE,
        "updated_at": _SINCE,
        "permissions": {},
        "events": [],
    }


def installation(
    urls: Urls, accounts: Accounts, config: ForgeConfig, number: int, data: Installation
) -> Json:
    """GitHub's installation."""
    owner = accounts.of_login(config.owner)
    return {
        "id": number,
        "account": simple_user(urls, accounts, owner),
        "repository_selection": data.repository_selection,
        "access_tokens_url": f"{urls.base}/app/installations/{number}/access_tokens",
        "repositories_url": f"{urls.base}/installation/repositories",
        "html_url": f"{urls.base}/organizations/{config.owner}/settings/installations/{number}",
        "app_id": number,
        "target_id": accounts.number(owner),
        "target_type": owner.type,
        "permissions": data.permissions,
        "events": [],
        "created_at": _SINCE,
        "updated_at": _SINCE,
        "single_file_name": None,
        "app_slug": data.slug,
        "suspended_by": None,
        "suspended_at": None,
    }


def _rules(
    urls: Urls, accounts: Accounts, number: int, data: Environment, *, branches: bool
) -> list[Json]:
    found: list[Json] = []
    if data.wait_timer:
        found.append({"type": "wait_timer", "wait_timer": data.wait_timer})
    if data.reviewers:
        people = [simple_user(urls, accounts, accounts.of_login(who)) for who in data.reviewers]
        found.append(
            {
                "type": "required_reviewers",
                "prevent_self_review": data.prevent_self_review,
                "reviewers": [{"type": "User", "reviewer": person} for person in people],
            }
        )
    if branches:
        found.append({"type": "branch_policy"})
    return [
        {"id": 10 * number + at, "node_id": node_id("Gate", 10 * number + at), **rule}
        for at, rule in enumerate(found)
    ]
