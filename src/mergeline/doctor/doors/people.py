"""Who can act here besides people's reviews: owners of code, Apps, keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.doctor.doors.door import (
    ADMINISTRATION,
    CONTENTS,
    METADATA,
    OWNERS,
    TEAMS,
    Door,
    closed,
    judged,
    opened,
)

if TYPE_CHECKING:
    from mergeline.doctor.doors.door import State
    from mergeline.doctor.doors.house import House

_TEAM = re.compile(r"\s@[^\s/]+/([^\s/]+)")
# Of the errors of one file.
_SHOWN = 3
# Every App may read these.
_OF_ALL = {"metadata": "read"}
# Who may write these changes the guards, or who counts as an owner.
_SETTINGS = frozenset(
    {
        "actions_variables",
        "administration",
        "environments",
        "members",
        "organization_administration",
        "organization_secrets",
        "secrets",
    }
)
_RANK = {"read": 1, "write": 2, "admin": 3}


def _organization(house: House) -> tuple[State, str]:
    owner = house.repository.owner
    if owner.type == "Organization":
        return closed(owner.login)
    return opened(f"{owner.login} is a person, who has no teams")


def _codeowners(house: House) -> tuple[State, str]:
    found = house.forge.codeowners_errors()
    if found is None:
        return opened("the default branch has none")
    problems = [f"{error.path}:{error.line}: {error.kind}" for error in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return judged([*problems, *more], "GitHub reads every line")


def _current(house: House) -> tuple[State, str]:
    if house.stale:
        return opened("CODEOWNERS is not what templates, owners and risks say")
    return closed("CODEOWNERS is what templates, owners and risks say")


def _teams(house: House) -> tuple[State, str]:
    slugs = sorted(set(_TEAM.findall(house.codeowners)))
    empty = [slug for slug in slugs if not house.forge.team_members(slug)]
    return judged([f"{slug} has no members" for slug in empty], ", ".join(slugs))


def _outside(house: House) -> tuple[State, str]:
    found = house.forge.outside_writers()
    return judged([f"{login} may write" for login in found], "nobody from outside may write")


def _app(house: House) -> tuple[State, str]:
    app = house.our_app
    if app is None:
        return opened("no App with the id in MERGELINE_APP_ID is installed")
    needed = house.uses.app
    most = {**_OF_ALL, **needed}
    more = [
        f"it may {level} {name}"
        for name, level in sorted(app.permissions.items())
        if _RANK.get(level, 9) > _RANK.get(most.get(name, ""), 0)
    ]
    less = [
        f"it may not {level} {name}"
        for name, level in needed.items()
        if _RANK.get(app.permissions.get(name, ""), 0) < _RANK[level]
    ]
    return judged([*more, *less], f"{app.app_slug} may write {', '.join(sorted(needed))}")


def _reach(house: House) -> tuple[State, str]:
    app = house.our_app
    if app is None:
        return opened("no App with the id in MERGELINE_APP_ID is installed")
    message = f"{app.app_slug} reaches {app.repository_selection} repositories"
    return closed(message) if app.repository_selection == "selected" else opened(message)


def _administering(house: House) -> tuple[State, str]:
    problems = [
        f"{app.app_slug} may write {', '.join(able)}"
        for app in house.installations
        if (able := sorted(n for n in _SETTINGS if app.permissions.get(n) in ("write", "admin")))
    ]
    return judged(problems, "no App may change settings, secrets or teams")


def _keys(house: House) -> tuple[State, str]:
    found = [key.title for key in house.forge.deploy_keys() if not key.read_only]
    return judged([f'the key "{title}" may write' for title in found], "none may write")


_APPS = "Organisation settings > GitHub Apps > the App"
DOORS = (
    Door(
        "organisation",
        "owners of models are nobody, so whoever may write approves",
        "Settings > General > Danger Zone > Transfer",
        "gh api --method POST repos/{owner}/{repo}/transfer -f new_owner=ORGANISATION",
        METADATA,
        _organization,
    ),
    Door(
        "codeowners",
        "GitHub passes over lines that it cannot read, and asks nobody there",
        "Organisation > Teams: make the team, and give it write access to the repository",
        "gh api --method PUT orgs/{owner}/teams/TEAM/repos/{owner}/{repo} -f permission=push",
        CONTENTS,
        _codeowners,
    ),
    Door(
        "codeowners-current",
        "a model is approved by a team that does not own it, or by anybody",
        "a pull request with what mergeline workflows writes",
        "mergeline workflows",
        CONTENTS,
        _current,
    ),
    Door(
        "teams",
        "nobody can approve for the team, so its rule will be lifted",
        "Organisation > Teams > the team > Members",
        "gh api --method PUT orgs/{owner}/teams/TEAM/memberships/LOGIN",
        TEAMS,
        _teams,
    ),
    Door(
        "outside-collaborators",
        "somebody whom no team answers for approves: policies count who may write",
        "Settings > Collaborators and teams > the person: read, or make them a member of a team",
        "gh api --method PUT repos/{owner}/{repo}/collaborators/LOGIN -f permission=pull",
        "a token of somebody who may write (fine-grained: Metadata: read)",
        _outside,
    ),
    Door(
        "app-permissions",
        "who gets the App's key gets more than the workflows use",
        f"{_APPS} > Permissions: Contents, Issues, Pull requests: read and write; "
        "Members: read where approvals_from names a team; no other",
        "open https://github.com/organizations/{owner}/settings/apps",
        OWNERS,
        _app,
    ),
    Door(
        "app-repositories",
        "who gets the App's key writes to every repository of the organisation",
        f"{_APPS} > Repository access: Only select repositories",
        "open https://github.com/organizations/{owner}/settings/installations",
        OWNERS,
        _reach,
    ),
    Door(
        "apps",
        "an App takes the guards down, or puts somebody into an owning team",
        "Organisation settings > GitHub Apps > the App: uninstall, or take the permission away",
        "open https://github.com/organizations/{owner}/settings/installations",
        OWNERS,
        _administering,
    ),
    Door(
        "deploy-keys",
        "whoever holds the key pushes branches as nobody: no author, no committer to hold off",
        "Settings > Deploy keys: remove it, or add it without write access",
        "gh repo deploy-key delete ID",
        ADMINISTRATION,
        _keys,
    ),
)
