"""What each ruleset, and the classic protection, asks of a change of the default branch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.forge.guard_types import BranchProtection, BypassActor, Rule, Ruleset

# https://docs.github.com/en/rest/repos/rules: the actor_id of a RepositoryRole.
_ROLES = {2: "maintain", 4: "write", 5: "admin"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One set of rules; GitHub asks all that are in force.

    Attributes:
        name: as a person finds it.
        checks: the required checks, with the id of the App that each is taken from.
        bypass: who is not held by it; None where GitHub does not tell.
    """

    name: str
    bypass: tuple[str, ...] | None
    pull_request: bool = False
    approvals: int = 0
    code_owners: bool = False
    stale_dismissed: bool = False
    last_push: bool = False
    no_force_push: bool = False
    no_deletion: bool = False
    checks: Mapping[str, int | None] = field(default_factory=dict)


def of_rules(ruleset: Ruleset, rules: list[Rule]) -> Layer:
    """Return the layer of an active ruleset, with the rules of it that hold for the branch."""
    asked = {rule.type: rule.parameters for rule in rules}
    reviews: dict[str, Any] = asked.get("pull_request", {})
    checks: Any = asked.get("required_status_checks", {}).get("required_status_checks", [])
    return Layer(
        f'ruleset "{ruleset.name}"',
        None if ruleset.bypass_actors is None else tuple(map(_actor, ruleset.bypass_actors)),
        pull_request="pull_request" in asked,
        approvals=int(reviews.get("required_approving_review_count", 0)),
        code_owners=bool(reviews.get("require_code_owner_review")),
        stale_dismissed=bool(reviews.get("dismiss_stale_reviews_on_push")),
        last_push=bool(reviews.get("require_last_push_approval")),
        no_force_push="non_fast_forward" in asked,
        no_deletion="deletion" in asked,
        checks={check["context"]: check.get("integration_id") for check in checks},
    )


def of_protection(data: BranchProtection) -> Layer:
    """Return the layer of the classic protection."""
    reviews = data.required_pull_request_reviews
    checks = data.required_status_checks
    return Layer(
        "branch protection",
        tuple(_let_past(data)),
        pull_request=reviews is not None,
        approvals=reviews.required_approving_review_count if reviews else 0,
        code_owners=bool(reviews and reviews.require_code_owner_reviews),
        stale_dismissed=bool(reviews and reviews.dismiss_stale_reviews),
        last_push=bool(reviews and reviews.require_last_push_approval),
        no_force_push=not data.allow_force_pushes.enabled,
        no_deletion=not data.allow_deletions.enabled,
        checks={check.context: check.app_id for check in checks.checks} if checks else {},
    )


def _actor(actor: BypassActor) -> str:
    if actor.actor_type == "RepositoryRole":
        who = f"the role {_ROLES.get(actor.actor_id or 0, actor.actor_id)}"
    elif actor.actor_type in ("OrganizationAdmin", "DeployKey"):
        who = {"OrganizationAdmin": "organisation owners", "DeployKey": "deploy keys"}[
            actor.actor_type
        ]
    else:
        who = f"the {actor.actor_type.lower()} {actor.actor_id}"
    return f"{who} ({actor.bypass_mode.replace('_', ' ')})"


def _let_past(data: BranchProtection) -> list[str]:
    found = [] if data.enforce_admins.enabled else ["administrators"]
    if reviews := data.required_pull_request_reviews:
        allowed = reviews.bypass_pull_request_allowances
        found += [user.login for user in allowed.users]
        found += [f"the team {team.slug}" for team in allowed.teams]
        found += [f"the App {app.slug}" for app in allowed.apps]
    return found
