"""What guards the repository: who may do what, and what each change has to pass."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from mergeline.forge import answers
from mergeline.forge import guard_types as types
from mergeline.forge.asking import Asking
from mergeline.forge.failures import AnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.forge.types import Permission

T = TypeVar("T")

# GitHub says "Not Found" instead to those who may not know.
_UNPROTECTED = "Branch not protected"


class Guards(Asking):
    """What is asked of the settings of the repository and of its organisation.

    Most of it is told to administrators only: to others it is an error, never an empty answer.
    """

    def repository(self) -> types.Repository:
        """The repository's own settings."""
        return self._read(_as(types.Repository), self._get(""))

    def permission(self, login: str) -> Permission:
        """What a person may do in the repository; `none` for a stranger who exists."""
        path = f"/collaborators/{quote(login, safe='')}/permission"
        return self._read(answers.permission, self._get(path))

    def outside_writers(self) -> list[str]:
        """The logins of who may write and is no member of the organisation."""
        params = {"affiliation": "outside", "permission": "push"}
        found = self._list(answers.login, "/collaborators", params=params)
        return [login for login in found if login is not None]

    def team_members(self, slug: str) -> list[str]:
        """The logins of a team of the repository's organisation, its child teams' included."""
        path = f"/orgs/{self.settings.owner}/teams/{quote(slug, safe='')}/members"
        found = self._read_all(answers.login, path)
        return [login for login in found if login is not None]

    # What a branch asks for

    def branch_protection(self, branch: str) -> types.BranchProtection | None:
        """The classic protection of a branch; None when it has none (a ruleset may hold it)."""
        try:
            answer = self._get(f"/branches/{quote(branch, safe='')}/protection")
        except AnswerError as error:
            if error.status == 404 and error.answer == _UNPROTECTED:
                return None
            raise
        return self._read(_as(types.BranchProtection), answer)

    def branch_rules(self, branch: str) -> list[types.Rule]:
        """The active rules of all rulesets, the organisation's too, that hold for a branch."""
        return self._list(_as(types.Rule), f"/rules/branches/{quote(branch, safe='')}")

    def rulesets(self) -> list[types.Ruleset]:
        """The rulesets, the organisation's too, without their rules and bypass actors."""
        return self._list(_as(types.Ruleset), "/rulesets")

    def ruleset(self, number: int) -> types.Ruleset:
        """One ruleset, with its rules and, for an administrator, its bypass actors."""
        return self._read(_as(types.Ruleset), self._get(f"/rulesets/{number}"))

    # What Actions may do

    def environments(self) -> list[types.Environment]:
        """The environments and what a job that names one has to pass."""
        return self._list(_as(types.Environment), "/environments", key="environments")

    def deployment_branches(self, environment: str) -> list[types.DeploymentBranch]:
        """The patterns of what may deploy, where an environment has its own."""
        path = f"/environments/{quote(environment, safe='')}/deployment-branch-policies"
        return self._list(_as(types.DeploymentBranch), path, key="branch_policies")

    def actions_permissions(self) -> types.ActionsPermissions:
        """Whether Actions run, and which."""
        return self._read(_as(types.ActionsPermissions), self._get("/actions/permissions"))

    def selected_actions(self) -> types.SelectedActions:
        """The allowed actions; GitHub answers only where `allowed_actions` is `selected`."""
        path = "/actions/permissions/selected-actions"
        return self._read(_as(types.SelectedActions), self._get(path))

    def workflow_permissions(self) -> types.WorkflowPermissions:
        """What a workflow's token may do by default."""
        path = "/actions/permissions/workflow"
        return self._read(_as(types.WorkflowPermissions), self._get(path))

    def fork_approval(self) -> types.ForkApproval:
        """Whose pull requests from forks of a public repository wait before they run."""
        path = "/actions/permissions/fork-pr-contributor-approval"
        return self._read(_as(types.ForkApproval), self._get(path))

    def private_forks(self) -> types.PrivateForks:
        """What pull requests from forks of a private repository get."""
        path = "/actions/permissions/fork-pr-workflows-private-repos"
        return self._read(_as(types.PrivateForks), self._get(path))

    def secrets(self, environment: str | None = None) -> list[types.Secret]:
        """The repository's secrets for Actions, or one environment's, without their values."""
        return self._list(_as(types.Secret), f"{_scope(environment)}/secrets", key="secrets")

    def organization_secrets(self) -> list[types.Secret]:
        """The organisation's secrets that this repository's workflows get."""
        path = "/actions/organization-secrets"
        return self._list(_as(types.Secret), path, key="secrets")

    def variables(self, environment: str | None = None) -> dict[str, str]:
        """The repository's variables for Actions, or one environment's: values by name."""
        path = f"{_scope(environment)}/variables"
        found = self._list(_as(types.Variable), path, key="variables")
        return {variable.name: variable.value for variable in found}

    # Keys and owners of code

    def deploy_keys(self) -> list[types.DeployKey]:
        """The keys of the repository that are no person's: told to administrators only."""
        return self._list(_as(types.DeployKey), "/keys")

    def codeowners_errors(self) -> list[types.CodeownersError] | None:
        """What is wrong with CODEOWNERS of the default branch; None where there is none."""
        try:
            answer = self._get("/codeowners/errors")
        except AnswerError as error:
            if error.status == 404:
                return None
            raise
        return self._read(_as(types.CodeownersErrors), answer).errors

    # Apps

    def app_id(self, slug: str) -> int:
        """The id of an App; that of `github-actions` differs from server to server."""
        answer = self._transport.ask("GET", f"/apps/{quote(slug, safe='')}")
        return self._read(_as(types.App), answer).id

    def installations(self) -> list[types.Installation]:
        """The Apps on the organisation and their permissions: told to its owners only."""
        path = f"/orgs/{self.settings.owner}/installations"
        return self._read_all(_as(types.Installation), path, key="installations")

    def installation_repositories(self) -> list[str]:
        """The repositories (owner/name) that the asking App's token reaches."""
        path = "/installation/repositories"
        return self._read_all(answers.full_name, path, key="repositories")


def _as(kind: type[T]) -> Callable[[object], T]:
    read = partial(msgspec.convert, type=kind)
    read.__name__ = kind.__name__  # type: ignore[attr-defined]
    return read


def _scope(environment: str | None) -> str:
    return "/actions" if environment is None else f"/environments/{quote(environment, safe='')}"
