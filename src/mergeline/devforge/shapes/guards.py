"""Protection and rulesets of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.guards import Bypass, Rules, Ruleset
    from mergeline.devforge.shapes.urls import Urls

_SINCE = "2024-01-01T00:00:00Z"


def protection(urls: Urls, config: ForgeConfig, branch: str) -> Json:
    """GitHub's branch-protection."""
    data = config.protection
    url = f"{urls.api}/branches/{quote(branch, safe='')}/protection"
    shown: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": data.enforce_admins},
        "required_linear_history": {"enabled": False},
        "allow_force_pushes": {"enabled": data.allow_force_pushes},
        "allow_deletions": {"enabled": data.allow_deletions},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
    }
    if data.pull_request_only:
        shown["required_pull_request_reviews"] = _reviews(f"{url}", data)
    if data.required_status_checks:
        shown["required_status_checks"] = _checks(url, config)
    return shown


def ruleset_simple(urls: Urls, config: ForgeConfig, number: int, data: Ruleset) -> Json:
    """GitHub's repository-ruleset, as an element of a list."""
    url = f"{urls.api}/rulesets/{number}"
    return {
        "id": number,
        "name": data.name,
        "target": "branch",
        "source_type": "Repository",
        "source": config.repository,
        "enforcement": data.enforcement,
        "node_id": node_id("RepositoryRuleset", number),
        "_links": {
            "self": {"href": url},
            "html": {"href": f"{urls.html}/rules/{number}"},
        },
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def ruleset_full(
    simple: Json,
    config: ForgeConfig,
    data: Ruleset,
    *,
    actor_id: Callable[[Bypass], int],
    writable: bool,
) -> Json:
    """GitHub's repository-ruleset; who may bypass it is told to those who may change it."""
    shown = {
        **simple,
        "conditions": {"ref_name": {"include": [data.branches], "exclude": []}},
        "rules": rules(config, data),
    }
    if writable:
        shown["bypass_actors"] = [
            {"actor_id": actor_id(actor), "actor_type": actor.type, "bypass_mode": actor.mode}
            for actor in data.bypass
        ]
    return shown


def rules(config: ForgeConfig, data: Ruleset) -> list[Json]:
    """GitHub's repository-rules of a ruleset."""
    asked = data.rules
    found: list[Json] = []
    if not asked.allow_deletions:
        found.append({"type": "deletion"})
    if not asked.allow_force_pushes:
        found.append({"type": "non_fast_forward"})
    if asked.pull_request_only:
        found.append({"type": "pull_request", "parameters": _pull_request(data)})
    if asked.required_status_checks:
        app = config.app_id(asked.status_checks_app)
        from_app = {"integration_id": app} if app else {}
        checks = [{"context": context, **from_app} for context in asked.required_status_checks]
        parameters: Json = {
            "required_status_checks": checks,
            "strict_required_status_checks_policy": asked.strict_status_checks,
            "do_not_enforce_on_create": True,
        }
        found.append({"type": "required_status_checks", "parameters": parameters})
    return found


def _pull_request(data: Ruleset) -> Json:
    asked = data.rules
    return {
        "allowed_merge_methods": list(data.allowed_merge_methods),
        "dismiss_stale_reviews_on_push": asked.dismiss_stale_reviews,
        "require_code_owner_review": asked.require_code_owner_reviews,
        "require_last_push_approval": asked.require_last_push_approval,
        "required_approving_review_count": asked.required_approving_review_count,
        "required_review_thread_resolution": False,
    }


def _reviews(url: str, data: Rules) -> Json:
    return {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": data.dismiss_stale_reviews,
        "require_code_owner_reviews": data.require_code_owner_reviews,
        "required_approving_review_count": data.required_approving_review_count,
        "require_last_push_approval": data.require_last_push_approval,
    }


def _checks(url: str, config: ForgeConfig) -> Json:
    data = config.protection
    contexts, app = list(data.required_status_checks), config.app_id(data.status_checks_app)
    return {
        "url": f"{url}/required_status_checks",
        "strict": data.strict_status_checks,
        "contexts": contexts,
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [{"context": context, "app_id": app} for context in contexts],
    }
