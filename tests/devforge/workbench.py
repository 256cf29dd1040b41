"""A development forge with a clone beside it, for the tests of the client and of the forge."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from mergeline.devforge import DevelopmentForge, ForgeConfig, Protection, User
from mergeline.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from pathlib import Path

ADA = User(login="ada", name="Ada", email="ada@example.org", token="token-ada")
BO = User(login="bo", name="Bo", email="bo@example.org", token="token-bo")
CY = User(login="cy", name="Cy", email="cy@example.org", token="token-cy")
BOT = User(login="line[bot]", name="Line", email="line@example.org", token="t-bot", type="Bot")
REPOSITORY = "acme/models"


def make_config(**protection: object) -> ForgeConfig:
    return ForgeConfig(
        repository=REPOSITORY,
        users=(ADA, BO, CY, BOT),
        protection=Protection(**protection),
    )


class Clock:
    """Every look at it is a second later."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 9, 12, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def environment(user: User = ADA) -> dict[str, str]:
    """What git is given: an identity, and nothing of whoever runs the tests."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {
        **clean,
        "GIT_AUTHOR_NAME": user.name,
        "GIT_AUTHOR_EMAIL": user.email,
        "GIT_COMMITTER_NAME": user.name,
        "GIT_COMMITTER_EMAIL": user.email,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def git(directory: Path, *arguments: str, user: User = ADA) -> str:
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments],
        env=environment(user),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class Workbench:
    forge: DevelopmentForge
    clone: Path

    def client(self, user: User = ADA, **options: object) -> Forge:
        return Forge(self.settings(user), **options)

    def settings(self, user: User = ADA) -> ForgeSettings:
        return ForgeSettings(self.forge.api_url, REPOSITORY, user.token)

    def http(self, user: User = ADA) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.forge.api_url}/repos/{REPOSITORY}",
            headers={"Authorization": f"Bearer {user.token}"},
            trust_env=False,
        )

    def git(self, *arguments: str, user: User = ADA) -> str:
        return git(self.clone, *arguments, user=user)

    def commit(self, path: str, text: str, user: User = ADA, message: str | None = None) -> str:
        target = self.clone / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self.git("add", path)
        self.git("commit", "-q", "-m", message or f"write {path}", user=user)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, files: dict[str, str] | None = None, user: User = ADA) -> str:
        """A branch from main as the forge has it, one commit a file, pushed."""
        self.git("fetch", "-q", "origin")
        self.git("checkout", "-q", "-B", name, "origin/main")
        for path, text in (files or {f"{name}.txt": name}).items():
            self.commit(path, text, user)
        return self.push()

    def push(self, *options: str) -> str:
        self.git("push", "-q", *options, "origin", "HEAD")
        return self.git("rev-parse", "HEAD")


def make_workbench(directory: Path, forge: DevelopmentForge) -> Workbench:
    clone = directory / "clone"
    clone.mkdir()
    git(clone, "init", "-q", "-b", "main")
    git(clone, "remote", "add", "origin", str(forge.git_directory))
    bench = Workbench(forge, clone)
    bench.commit("README", "one\ntwo\nthree\n")
    bench.push()
    return bench
