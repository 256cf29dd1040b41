"""What guards the branches: protection and rulesets; who is in a team, who may do what."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mergeline.devforge import codeowners
from mergeline.devforge.call import Answer
from mergeline.devforge.refusal import Refusal, not_found
from mergeline.devforge.shapes import guards as shapes
from mergeline.devforge.shapes.actions import deploy_key
from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.repository import permissions

if TYPE_CHECKING:
    from mergeline.devforge.call import Call
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.guards import Bypass, Ruleset

# The ids of the roles that a ruleset may name, as GitHub has them.
_ROLES = {"maintain": 2, "write": 4, "admin": 5}


def get_protection(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/branches/{branch}/protection: administrators only."""
    config = call.forge.config
    branch = call.path["branch"]
    if call.user.role != "admin":
        raise not_found()
    if branch not in call.forge.repository.branches():
        raise Refusal(404, "Branch not found")
    if branch != config.default_branch or not config.protection.is_on:
        raise Refusal(404, "Branch not protected")
    return Answer(shapes.protection(call.urls, config, branch))


def list_branch_rules(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rules/branches/{branch}: of the active rulesets."""
    config = call.forge.config
    found = [
        {
            **rule,
            "ruleset_source_type": "Repository",
            "ruleset_source": config.repository,
            "ruleset_id": number,
        }
        for number, ruleset in enumerate(config.rulesets, start=1)
        if config.holds(ruleset, call.path["branch"])
        for rule in shapes.rules(config, ruleset)
    ]
    return Answer(found)


def list_rulesets(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rulesets."""
    found = enumerate(call.forge.config.rulesets, start=1)
    return Answer([_simple(call, number, ruleset) for number, ruleset in found])


def get_ruleset(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/rulesets/{id}."""
    number = call.number("id")
    if not 1 <= number <= len(call.forge.config.rulesets):
        raise not_found()
    ruleset = call.forge.config.rulesets[number - 1]
    shown = shapes.ruleset_full(
        _simple(call, number, ruleset),
        call.forge.config,
        ruleset,
        actor_id=lambda actor: _actor_id(call, actor),
        writable=call.user.role == "admin",
    )
    return Answer(shown)


def list_team_members(call: Call) -> Answer:
    """GET /orgs/{org}/teams/{slug}/members: never with the token of a workflow."""
    if call.user.login == "github-actions[bot]":
        raise Refusal(403, "Resource not accessible by integration")
    members = call.forge.config.teams.get(call.path["slug"])
    if members is None:
        raise not_found()
    accounts = call.forge.accounts
    return Answer([simple_user(call.urls, accounts, accounts.of_login(m)) for m in members])


def get_permission(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/collaborators/{username}/permission."""
    accounts, login = call.forge.accounts, call.path["username"]
    if not accounts.exists(login):
        raise Refusal(404, f"{login} is not a user")
    role = accounts.role(login)
    user = {
        **simple_user(call.urls, accounts, accounts.of_login(login)),
        "permissions": permissions(role),
        "role_name": role,
    }
    return Answer({"permission": role, "role_name": role, "user": user})


def list_collaborators(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/collaborators: by affiliation and what they may do."""
    if call.user.role == "read":
        raise Refusal(403, "Must have push access to view repository collaborators.")
    accounts, wanted = call.forge.accounts, call.query.get("permission", "pull")
    outside = call.query.get("affiliation") == "outside"
    found = []
    for user in call.forge.config.users:
        may = permissions(user.role)
        if user.type == "User" and may[wanted] and (user.outside or not outside):
            shown = simple_user(call.urls, accounts, user)
            found.append({**shown, "permissions": may, "role_name": user.role})
    return Answer(found)


def list_deploy_keys(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/keys: administrators only."""
    if call.user.role != "admin":
        raise not_found()
    keys = enumerate(call.forge.config.deploy_keys, start=1)
    return Answer([deploy_key(call.urls, number, key) for number, key in keys])


def list_codeowners_errors(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/codeowners/errors: of the default branch."""
    config, repository = call.forge.config, call.forge.repository
    tip = repository.branches().get(config.default_branch, "")
    for place in codeowners.PLACES:
        text = repository.text(tip, place) if tip else None
        if text is not None:
            known = partial(_may_own, config)
            return Answer({"errors": codeowners.errors_of(text, place, known)})
    raise not_found()


def _may_own(config: ForgeConfig, owner: str) -> bool:
    """Whether @login, @organisation/team or an address is somebody who may write."""
    if owner.startswith(f"@{config.owner}/"):
        slug = owner.removeprefix(f"@{config.owner}/")
        return config.owned_by_organization and slug in config.teams
    writers = [user for user in config.users if user.role != "read"]
    return any(owner in (f"@{user.login}", user.email) for user in writers)


def _simple(call: Call, number: int, ruleset: Ruleset) -> dict[str, object]:
    return shapes.ruleset_simple(call.urls, call.forge.config, number, ruleset)


def _actor_id(call: Call, actor: Bypass) -> int:
    if actor.type == "RepositoryRole":
        return _ROLES[actor.name]
    if actor.type == "Team":
        return list(call.forge.config.teams).index(actor.name) + 1
    return call.forge.accounts.number(call.forge.accounts.of_login(actor.name))
