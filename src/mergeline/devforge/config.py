"""What the development forge is told: one repository, its people, its settings, its guards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec
import yaml

from mergeline.devforge.guards import (
    ACTIONS,
    ACTIONS_ID,
    Actions,
    DeployKey,
    Environment,
    Installation,
    MergeMethod,
    Protection,
    Role,
    Ruleset,
)
from mergeline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account. A `Bot` is an App: like GitHub's, it cannot ask who it is (GET /user).

    Attributes:
        role: what it may do in the repository.
        outside: is a person whom the organisation does not count among its members?
    """

    login: str
    name: str
    email: str
    token: str
    type: Literal["User", "Bot", "Organization"] = "User"
    role: Role = "write"
    outside: bool = False


class ForgeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration; the keys of the YAML file are these names.

    Attributes:
        repository: owner/name.
        default_branch: the branch that is protected.
        teams: the organisation's, each slug with the logins of its members.
        merge_methods: those that the repository allows.
    """

    repository: str
    users: tuple[User, ...]
    default_branch: str = "main"
    protection: Protection = Protection()
    rulesets: tuple[Ruleset, ...] = ()
    teams: dict[str, tuple[str, ...]] = {}
    merge_methods: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")
    private: bool = True
    delete_branch_on_merge: bool = False
    actions: Actions = Actions()
    environments: tuple[Environment, ...] = ()
    installations: tuple[Installation, ...] = ()
    deploy_keys: tuple[DeployKey, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be served."""
        if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", self.repository):
            raise ValueError(f"repository: not owner/name: {self.repository!r}")
        for field in ("login", "token", "email"):
            values = [getattr(user, field) for user in self.users]
            if len(values) != len(set(values)):
                raise ValueError(f"users: two have the same {field}")
        logins = {user.login for user in self.users}
        for slug, members in self.teams.items():
            if strangers := set(members) - logins:
                raise ValueError(f"teams: {slug} has members who are no users: {strangers}")

    @property
    def owner(self) -> str:
        """The account that the repository belongs to."""
        return self.repository.partition("/")[0]

    def holds(self, ruleset: Ruleset, branch: str) -> bool:
        """Whether a ruleset is in force for a branch."""
        everywhere = ruleset.branches == "~ALL" or branch == self.default_branch
        return ruleset.enforcement == "active" and everywhere

    @property
    def owned_by_organization(self) -> bool:
        """Whether the owner is no person; only then are there teams."""
        return all(user.login != self.owner for user in self.users)

    def is_organization(self, name: str) -> bool:
        """Whether a name is the owning organisation's."""
        return self.owned_by_organization and name.lower() == self.owner.lower()

    def app_id(self, slug: str | None) -> int | None:
        """The id of an App; None if there is none."""
        slugs = [installation.slug for installation in self.installations]
        ids = {slug: number for number, slug in enumerate(slugs, start=1)}
        return ACTIONS_ID if slug == ACTIONS else ids.get(slug or "")

    @property
    def name(self) -> str:
        """The repository's name without its owner."""
        return self.repository.partition("/")[2]


def read_config(path: Path) -> ForgeConfig:
    """Read a YAML file.

    Raises:
        UsageError: the file cannot be read, or is not a configuration.
    """
    try:
        return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), ForgeConfig)
    except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise UsageError(
            f"the development forge's configuration {path} cannot be read: {error}",
            hint="it holds repository and users; the rest is in mergeline.devforge.config",
        ) from error
