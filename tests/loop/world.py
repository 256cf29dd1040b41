"""A whole small world for the loop's tests: a forge, a clone, people, the real command."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline import cli
from mergeline.devforge import DevelopmentForge, ForgeConfig, Protection, User
from mergeline.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from mergeline.forge import PullRequest

ROOT = Path(__file__).parents[2]
REPOSITORY = "acme/models"
MODEL = "breast-cancer-diagnosis"
SPEC = f"models/{MODEL}"
STATE_OF_MERGELINE = ".mergeline"


def _user(login: str, kind: str = "User") -> User:
    return User(login, login.title(), f"{login}@example.org", f"token-{login}", kind)


ADA, GRACE, MARGARET = _user("ada"), _user("grace"), _user("margaret")
# Who may go past protection, and who may read and no more, as anybody on a public repository.
ADMIN = User("root", "Root", "root@example.org", "token-root", role="admin")
STRANGER = User("stranger", "Stranger", "stranger@example.net", "token-stranger", role="read")
BOT = _user("mergeline[bot]", "Bot")
# Whose comments are written with the token of a workflow.
ACTIONS = _user("github-actions[bot]", "Bot")
PEOPLE = (ADA, GRACE, MARGARET, ADMIN, STRANGER, BOT, ACTIONS)


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


@dataclass
class World:
    """One forge, one clone, and everybody acting in them."""

    forge: DevelopmentForge
    clone: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def git(self, *arguments: str, user: User = ADA) -> str:
        identity = {
            "GIT_AUTHOR_NAME": user.name,
            "GIT_AUTHOR_EMAIL": user.email,
            "GIT_COMMITTER_NAME": user.name,
            "GIT_COMMITTER_EMAIL": user.email,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        done = subprocess.run(
            ["git", "-C", str(self.clone), *arguments],
            env=os.environ | identity,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def point_at(self, api_url: str) -> None:
        """Let the clone know its forge."""
        for key, value in (
            ("mergeline.apiurl", api_url),
            ("mergeline.repository", REPOSITORY),
            ("mergeline.botemail", BOT.email),
        ):
            self.git("config", key, value)

    def client(self, user: User) -> Forge:
        return Forge(ForgeSettings(self.forge.api_url, REPOSITORY, user.token))

    def mergeline(self, *arguments: str, user: User = ADA, expect: int = 0) -> Answer:
        answer = self.run(*arguments, user=user)
        told = f"{arguments} ended with {answer.code}:\n{answer.out}\n{answer.err}"
        assert answer.code == expect, told
        return answer

    def run(self, *arguments: str, user: User = BOT) -> Answer:
        """Run the command in this process, so that heavy libraries load once."""
        self.monkeypatch.setenv("GITHUB_TOKEN", user.token)
        self.capsys.readouterr()
        code = cli.main(["-C", str(self.clone), *arguments])
        said = self.capsys.readouterr()
        return Answer(code, said.out, said.err)

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.clone / SPEC / path
        text = file.read_text()
        assert text.count(old) == 1, f"{path}: {text.count(old)} times {old!r}"
        file.write_text(text.replace(old, new))

    def push(self, branch: str, message: str = "a change", user: User = ADA) -> None:
        """Commit everything on a new branch, and push it."""
        self.git("switch", "--quiet", "--create", branch)
        self.git("add", "--all", user=user)
        self.git("commit", "--quiet", "--message", message, user=user)
        self.git("push", "--quiet", "origin", branch, user=user)

    def open(self, branch: str, user: User = ADA) -> PullRequest:
        with self.client(user) as forge:
            return forge.create_pull_request(title=branch, body="", head=branch, base="main")

    def approve(self, pull_request: PullRequest, *users: User) -> None:
        for user in users:
            with self.client(user) as forge:
                forge.create_review(pull_request.number, event="APPROVE")

    def merge(self, pull_request: PullRequest, user: User = ADA, method: str = "merge") -> str:
        with self.client(user) as forge:
            sha = forge.merge_pull_request(
                pull_request.number,
                sha=forge.pull_request(pull_request.number).head_sha,
                method=method,
            )
        self.sync()
        return sha

    def sync(self) -> None:
        self.git("switch", "--quiet", "main")
        self.git("pull", "--quiet", "--ff-only")

    def proposed(self, environment: str) -> PullRequest | None:
        with self.client(ADA) as forge:
            found = forge.pull_requests(head=f"mergeline/{MODEL}/{environment}")
        assert len(found) <= 1
        return found[0] if found else None

    def apply(self, expect: int = 0) -> list[tuple[str, str]]:
        """Apply as the bot; what was done, as pairs of subject and action."""
        rows = self.mergeline("apply", MODEL, "--format", "json", user=BOT, expect=expect).json()
        return [(row["subject"], row["action"]) for row in rows]

    def status(self, expect: int = 0) -> dict[str, dict]:
        rows = self.mergeline("status", MODEL, "--format", "json", expect=expect).json()
        return {row["environment"]: row for row in rows}

    def release(self, version: str, *, method: str = "merge", **edits: tuple[str, str]) -> str:
        """A pull request that edits specs and raises the version, merged; its merge commit."""
        model = (self.clone / SPEC / "model.yaml").read_text()
        line = next(line for line in model.splitlines() if line.startswith("version:"))
        self.edit("model.yaml", line, f"version: {version}")
        for name, (old, new) in edits.items():
            self.edit(f"{name}.yaml", old, new)
        self.push(f"release-{version}", f"release {version}")
        return self.merge(self.open(f"release-{version}"), method=method)

    def at_production(self, version: str = "1.0.0", **edits: tuple[str, str]) -> None:
        """Bring a version all the way."""
        self.release(version, **edits)
        self.apply()
        self.promote("staging")
        self.apply()
        self.promote("production", GRACE, MARGARET)
        assert self.apply()[-1] == ("production", "moved")

    def promote(self, environment: str, *reviewers: User) -> PullRequest:
        """Merge the open pull request of a branch into an environment, approved by these."""
        pull_request = self.proposed(environment)
        assert pull_request is not None
        self.approve(pull_request, *reviewers)
        self.merge(pull_request)
        return pull_request


def seed(directory: Path) -> None:
    """A repository of models with one reference model, as a user's own would be."""
    for name in ("policies", "pipelines", SPEC):
        shutil.copytree(ROOT / name, directory / name)
    (directory / "requirements").mkdir()
    shutil.copy(ROOT / "requirements/runtime.txt", directory / "requirements")
    (directory / ".gitignore").write_text(".mergeline/\n__pycache__/\n")


def init_repository(directory: Path) -> None:
    """Make a folder a Git repository with one commit on main."""
    identity = ["-c", f"user.name={ADA.name}", "-c", f"user.email={ADA.email}"]
    for command in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        [*identity, "commit", "--quiet", "--message", "The first models"],
    ):
        subprocess.run(["git", "-C", str(directory), *command], check=True)


@contextmanager
def open_world(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    protection: Protection | None = None,
    seed: Callable[[Path], None] = seed,
) -> Iterator[World]:
    """Make a world whose default branch holds what `seed` lays down; never released."""
    with _forge(directory, monkeypatch, protection) as forge:
        clone = directory / "clone"
        clone.mkdir()
        world = World(forge, clone, monkeypatch, capsys)
        seed(clone)
        init_repository(clone)
        world.git("remote", "add", "origin", str(forge.git_directory))
        world.git("push", "--quiet", "--set-upstream", "origin", "main")
        world.git("fetch", "--quiet", "origin")
        world.git("remote", "set-head", "origin", "main")
        world.point_at(forge.api_url)
        yield world


@contextmanager
def copy_world(
    source: Path,
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    protection: Protection | None = None,
) -> Iterator[World]:
    """Go on with a copy of a world that was left, so that one training serves many tests."""
    shutil.copytree(source, directory, dirs_exist_ok=True)
    clone = directory / "clone"
    _move_store(clone / STATE_OF_MERGELINE / "mlflow.db", str(source), str(directory))
    with _forge(directory, monkeypatch, protection) as forge:
        world = World(forge, clone, monkeypatch, capsys)
        world.git("remote", "set-url", "origin", str(forge.git_directory))
        world.point_at(forge.api_url)
        yield world


@contextmanager
def _forge(
    directory: Path, monkeypatch: pytest.MonkeyPatch, protection: Protection | None
) -> Iterator[DevelopmentForge]:
    for name in list(os.environ):
        if name.startswith(("GIT_", "GITHUB_", "GH_", "MERGELINE_", "MLFLOW_TRACKING_URI")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    teams = {"team-diagnostics": (GRACE.login,), "ml-risk": (MARGARET.login,)}
    config = ForgeConfig(REPOSITORY, PEOPLE, teams=teams, protection=protection or Protection())
    with DevelopmentForge(directory / "forge", config) as forge:
        yield forge


def _move_store(path: Path, old: str, new: str) -> None:
    """Let a copied MLflow store find its artifacts where they are now."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as database, database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for _, column, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                if kind.startswith(("VARCHAR", "TEXT")):
                    database.execute(
                        f"UPDATE {table} SET {column} = replace({column}, ?, ?) "
                        f"WHERE instr({column}, ?)",
                        (old, new, old),
                    )
