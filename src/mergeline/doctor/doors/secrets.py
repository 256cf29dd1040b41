"""Environments, secrets and variables: what a run gets, and from which branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.doctor.doors.door import ACTIONS, SECRETS, VARIABLES, Door, closed, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.doctor.doors.door import State
    from mergeline.doctor.doors.house import House
    from mergeline.forge.guard_types import Secret

# An MLflow server that asks for no account needs none of these.
_OPTIONAL = "MLFLOW_TRACKING_"
_REGISTRY = "MLFLOW_TRACKING_URI"
# The refs at which the workflow of a pull request and of a merge queue run.
_UNMERGED = ("refs/pull/*/merge", "gh-readonly-queue/{}/*")
_IN_THE_OPEN = "is not https: accounts and models travel in the open"


def _environments(house: House) -> tuple[State, str]:
    wanted = _trusted(house)
    problems = [problem for name in wanted for problem in _loose(house, name)]
    whence = "from the default branch" if house.uses.unmerged else "from the default branch only"
    reviewed = ", or once a reviewer lets it in" if house.uses.unmerged else ""
    return judged(problems, f"{', '.join(wanted)}: {whence}{reviewed}")


def _trusted(house: House) -> list[str]:
    """Return the environments whose jobs get secrets.

    Vault and OpenBao go by the environment of a run, so who may deploy to it matters as much.
    """
    uses = house.uses
    return sorted(name for name in uses.secrets if uses.secrets[name] or uses.vault[name])


def _loose(house: House, name: str) -> Iterator[str]:
    branch = house.repository.default_branch
    environment = house.environments.get(name)
    if environment is None:
        yield f"{name} is not there: GitHub makes it at its first use, open to any branch"
        return
    policy = environment.deployment_branch_policy
    if policy is None:
        yield f"{name} takes any branch"
    elif not policy.custom_branch_policies:
        # Without a classic protection anywhere, GitHub takes every branch for this.
        yield f"{name} takes protected branches, which may be more than {branch}"
    else:
        patterns = house.forge.deployment_branches(environment.name)
        unmerged = _UNMERGED if name in house.uses.unmerged else ()
        fit = {branch, *(pattern.format(branch) for pattern in unmerged)}
        others = [f"{p.type} {p.name}" for p in patterns if p.type != "branch" or p.name not in fit]
        if others:
            yield f"{name} takes {', '.join(others)}"
    if name in house.uses.unmerged and not any(
        rule.reviewers for rule in environment.protection_rules
    ):
        yield f"{name} asks no reviewer before a pull request's own workflow reads its secrets"


def _apart(house: House) -> tuple[State, str]:
    problems = [
        f"{name} is a secret of the {whose}"
        for whose, secrets in _shared(house)
        for name in sorted(house.uses.named & {secret.name for secret in secrets})
    ]
    return judged(problems, "those of the workflows are in environments")


def _shared(house: House) -> list[tuple[str, list[Secret]]]:
    return [
        ("repository", house.secrets(None)),
        ("organisation", house.organization_secrets),
    ]


def _young(house: House) -> tuple[State, str]:
    """The organisation's own policy says how old; there is no age that suits everybody."""
    limit = house.secret_max_age
    if limit is None:
        return closed("organization.secrets.max_age of policies/data.yaml sets no limit")
    environments = [
        (found.name, house.secrets(found.name))
        for name in _trusted(house)
        if (found := house.environments.get(name))
    ]
    problems = [
        f"{secret.name} of {whose} is {(house.now - secret.updated_at).days} days old"
        for whose, secrets in (*environments, *((f"the {of}", s) for of, s in _shared(house)))
        for secret in sorted(secrets, key=lambda secret: secret.name)
        if house.now - secret.updated_at > limit
    ]
    return judged(problems, f"none is older than {limit.days} days")


def _there(house: House) -> tuple[State, str]:
    problems = []
    for name, wanted in sorted(house.uses.secrets.items()):
        needed = {secret for secret in wanted if not secret.startswith(_OPTIONAL)}
        found = house.environments.get(name)
        has = {one.name for one in house.secrets(found.name)} if found and needed else set()
        problems += [f"{name} lacks {secret}" for secret in sorted(needed - has)]
    return judged(problems, "the environments have those that the workflows need")


def _variables(house: House) -> tuple[State, str]:
    has = house.variables
    problems = [f"{name} is not set" for name in sorted(house.uses.variables - set(has))]
    if has.get(_REGISTRY, "").startswith("http://"):
        problems.append(f"{_REGISTRY} {_IN_THE_OPEN}")
    return judged(problems, ", ".join(sorted(house.uses.variables)))


def _registry(house: House) -> tuple[State, str]:
    """The repository's variables may be changed by whoever may write, an environment's not."""
    problems = []
    asking = [name for name in _trusted(house) if _REGISTRY in house.uses.variables_of[name]]
    for name in asking:
        found = house.environments.get(name)
        address = found and house.forge.variables(found.name).get(_REGISTRY)
        if not address:
            problems.append(f"{name} has no {_REGISTRY} of its own")
        elif address.startswith("http://"):
            problems.append(f"{_REGISTRY} of {name} {_IN_THE_OPEN}")
    return judged(problems, f"each environment has its own {_REGISTRY}")


_ENVIRONMENT = "gh api --method PUT repos/{owner}/{repo}/environments/NAME"
DOORS = (
    Door(
        "environments",
        "a workflow that somebody pushes to a branch takes the App's key and acts as the App",
        "Settings > Environments > each of them > Deployment branches and tags: "
        "Selected branches and tags, the default branch; of a data-DATASET that pull requests "
        "read, refs/pull/*/merge too, and Required reviewers: the teams that may read it",
        f"{_ENVIRONMENT} -F 'deployment_branch_policy[protected_branches]=false' "
        "-F 'deployment_branch_policy[custom_branch_policies]=true' && "
        f"{_ENVIRONMENT.replace('PUT', 'POST')}/deployment-branch-policies "
        "-f name=main -f type=branch",
        ACTIONS,
        _environments,
    ),
    Door(
        "secrets-apart",
        "a workflow on any branch reads them",
        "Settings > Secrets and variables > Actions: remove them there, "
        "and set them in the environments",
        "gh secret delete NAME && gh secret set NAME --env ENVIRONMENT",
        SECRETS,
        _apart,
    ),
    Door(
        "secrets-there",
        "what is merged is not applied: Git and the registry differ",
        "Settings > Environments > each of them > Environment secrets",
        "gh secret set NAME --env ENVIRONMENT",
        SECRETS,
        _there,
    ),
    Door(
        "secrets-age",
        "whoever once copied one can still use it",
        "Settings > Environments > each of them > Environment secrets: replace them, "
        "or keep them in Vault or OpenBao (docs/github.md)",
        "gh secret set NAME --env ENVIRONMENT",
        SECRETS,
        _young,
    ),
    Door(
        "variables",
        "releases go nowhere, or accounts of the registry are read on the way",
        "Settings > Secrets and variables > Actions > Variables",
        "gh variable set NAME --body VALUE",
        VARIABLES,
        _variables,
    ),
    Door(
        "registry-address",
        "whoever may write has the repository's variable name a server of their own, "
        "which is then sent the registry's account",
        "Settings > Environments > each of them > Environment variables",
        f"gh variable set {_REGISTRY} --env ENVIRONMENT --body https://…",
        f"{VARIABLES} and Environments: read",
        _registry,
    ),
)
