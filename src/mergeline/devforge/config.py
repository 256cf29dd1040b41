"""What the development forge is told: one repository, its users, its branch protection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec
import yaml

from mergeline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account. A `Bot` is an App: like GitHub's, it cannot ask who it is (GET /user)."""

    login: str
    name: str
    email: str
    token: str
    type: Literal["User", "Bot"] = "User"


class Protection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a merge into the default branch asks for."""

    required_status_checks: tuple[str, ...] = ()
    required_approving_review_count: int = 0
    dismiss_stale_reviews: bool = False


class ForgeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration; the keys of the YAML file are these names.

    Attributes:
        repository: owner/name.
        default_branch: the branch that is protected.
    """

    repository: str
    users: tuple[User, ...]
    default_branch: str = "main"
    protection: Protection = Protection()

    def __post_init__(self) -> None:
        """Refuse what could not be served."""
        if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", self.repository):
            raise ValueError(f"repository: not owner/name: {self.repository!r}")
        for field in ("login", "token", "email"):
            values = [getattr(user, field) for user in self.users]
            if len(values) != len(set(values)):
                raise ValueError(f"users: two have the same {field}")

    @property
    def owner(self) -> str:
        """The account that the repository belongs to."""
        return self.repository.partition("/")[0]

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
            hint="it holds repository, users and, if wanted, default_branch and protection",
        ) from error
