"""A development forge for the programs that are timed; it is there until the benchmarks end."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from mergeline.devforge import DevelopmentForge, ForgeConfig, User
from mergeline.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting

REPOSITORY = "acme/models"
AUTHOR, BOT, *REVIEWERS = (
    User(name, name.title(), f"{name}@example.org", f"token-{name}", kind)
    for name, kind in (
        ("ada", "User"),
        ("mergeline[bot]", "Bot"),
        ("grace", "User"),
        ("bo", "User"),
    )
)
_CONFIG = ForgeConfig(
    REPOSITORY,
    users=(AUTHOR, BOT, *REVIEWERS),
    teams={"team-diagnostics": (REVIEWERS[0].login,)},
)
_RUNNING = ExitStack()


def serve(root: Path) -> DevelopmentForge:
    """Start a forge over a folder, which may hold a repository."""
    return _RUNNING.enter_context(DevelopmentForge(root, _CONFIG))


def told(setting: Setting, forge: DevelopmentForge, user: User = BOT) -> Setting:
    """Return the setting in which programs know the forge, by a token of a user's."""
    asked = {"GITHUB_API_URL": forge.api_url, "GITHUB_REPOSITORY": REPOSITORY}
    return replace(setting, env={**setting.env, **asked, "GITHUB_TOKEN": user.token})


def client(forge: DevelopmentForge, user: User) -> Forge:
    """Return the forge as a user sees it."""
    return Forge(ForgeSettings(forge.api_url, REPOSITORY, user.token))
