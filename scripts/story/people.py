"""Who plays in the quickstart, and how they act: through Git, the command and the forge."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mergeline.forge import Forge, ForgeSettings

REPOSITORY = "mergeline/models"


@dataclass(frozen=True)
class Person:
    """An account on the development forge."""

    login: str
    name: str
    kind: str = "User"

    @property
    def email(self) -> str:
        """The address that their commits carry."""
        return f"{self.login}@example.org"

    @property
    def token(self) -> str:
        """Their token: good for the development forge on this machine only."""
        return f"token-of-{self.login}"


ADA = Person("ada", "Ada, data scientist")
GRACE = Person("grace", "Grace, reviewer")
MARGARET = Person("margaret", "Margaret, reviewer")
BOT = Person("mergeline[bot]", "mergeline", kind="Bot")
PEOPLE = (ADA, GRACE, MARGARET, BOT)
# Who answers for the models: somebody of the team agrees to what goes to production.
TEAMS = {"team-diagnostics": [GRACE.login]}


class StoryError(Exception):
    """A step of the story did not go as told; the story ends with the code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Desk:
    """One clone, one forge: where everybody acts."""

    clone: Path
    api_url: str

    @property
    def key(self) -> Path:
        """The private key that signs releases; it is with whoever makes them: the bot."""
        return self.clone.parent / "release-key.pem"

    def forge(self, person: Person) -> Forge:
        """The forge, as a person sees it."""
        return Forge(ForgeSettings(self.api_url, REPOSITORY, person.token))

    def git(self, *arguments: str, person: Person = ADA) -> str:
        """Run git in the clone as a person."""
        return self._run(["git", "-C", str(self.clone), *arguments], person, 0)

    def mergeline(self, *arguments: str, person: Person = ADA, expect: int = 0) -> str:
        """Run mergeline in the clone as a person, and return what it printed.

        Raises:
            StoryError: it ended with another exit code than expected.
        """
        command = str(Path(sys.executable).with_name("mergeline"))
        return self._run([command, "-C", str(self.clone), *arguments], person, expect)

    def _run(self, command: list[str], person: Person, expect: int) -> str:
        done = subprocess.run(
            command, env=self._environment(person), capture_output=True, text=True, check=False
        )
        if done.returncode != expect:
            raise StoryError(
                f"{' '.join(command)}\nended with {done.returncode} instead of {expect}:\n"
                f"{done.stdout}{done.stderr}",
                # Something is missing here, which does not mean that the answer is no.
                3 if done.returncode == 3 else 1,
            )
        return done.stdout.strip()

    def _environment(self, person: Person) -> dict[str, str]:
        """The user's own environment, less what would lead elsewhere than to the story."""
        foreign = ("GIT_", "GITHUB_", "GH_", "MERGELINE_", "MLFLOW_TRACKING_URI")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        if person == BOT and self.key.exists():
            kept["MERGELINE_SIGNING_KEY"] = str(self.key)
        return kept | {
            "GIT_AUTHOR_NAME": person.name,
            "GIT_AUTHOR_EMAIL": person.email,
            "GIT_COMMITTER_NAME": person.name,
            "GIT_COMMITTER_EMAIL": person.email,
            "GITHUB_TOKEN": person.token,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
        }
