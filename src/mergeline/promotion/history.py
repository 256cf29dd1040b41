"""What Git has wanted of an environment over time, and which of it was made so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from mergeline.promotion.deployments import deployed
from mergeline.promotion.documents import environment_path
from mergeline.specs.types import Environment
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.git import GitRepository
    from mergeline.registry.facts import RegisteredVersion


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an environment's file said from a commit on."""

    commit: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class History:
    """What was wanted of an environment of a model, oldest first.

    It is read from the first-parent history of the default branch, which nobody rewrites, and
    not from the registry, where a tag can be edited.
    """

    environment: str
    entries: tuple[Wanted, ...]

    def verified(self, digest: str, registered: RegisteredVersion | None) -> bool:
        """Tell whether `apply` has made a release so here, by a commit that asked for it."""
        made = deployed(registered, self.environment)
        asked = {entry.commit for entry in self.entries if entry.digest == digest}
        return made is not None and not asked.isdisjoint(made.commits)

    @property
    def releases(self) -> tuple[Wanted, ...]:
        """Each release once, by its first appearance: an order that no rollback turns around."""
        first: dict[str, Wanted] = {}
        for entry in self.entries:
            first.setdefault(entry.digest, entry)
        return tuple(first.values())

    def earlier(self, digest: str) -> tuple[Wanted, ...]:
        """Return the releases that came here before another one first did, the latest first."""
        found: list[Wanted] = []
        for entry in self.releases:
            if entry.digest == digest:
                return tuple(reversed(found))
            found.append(entry)
        return ()

    @property
    def came_back(self) -> bool:
        """Is what is wanted now here for a second time: after a rollback?"""
        digests = [entry.digest for entry in self.entries]
        while len(digests) > 1 and digests[-1] == digests[-2]:
            digests.pop()
        return bool(digests) and digests[-1] in digests[:-1]


def history_of(git: GitRepository, ref: str | None, model: str, environment: str) -> History:
    """Read what was wanted of an environment, up to a commit; None: there is none yet."""
    path = environment_path(model, environment)
    return History(environment, tuple(_entries(git, ref, path)) if ref else ())


def last_wanted(git: GitRepository, ref: str, model: str, environment: str) -> Environment | None:
    """Return what was last wanted of an environment, up to a commit, also if its file is gone.

    To remove the file is no way to forget what is there, or that it is held.
    """
    path = environment_path(model, environment)
    found = (environment_at(git, commit, path) for commit in reversed(git.history(ref, path)))
    return next((wanted for wanted in found if wanted is not None), None)


def _entries(git: GitRepository, ref: str, path: str) -> Iterator[Wanted]:
    for commit in git.history(ref, path):
        wanted = environment_at(git, commit, path)
        if wanted is not None:
            yield Wanted(commit, wanted.version, wanted.digest)


def environment_at(git: GitRepository, commit: str, path: str) -> Environment | None:
    """Return what an environment's file says at a commit; None: nothing that can be read."""
    try:
        document, _ = parse(path, git.tree(commit).read(path))
        return msgspec.convert(document.value, Environment) if document else None
    except (FileNotFoundError, msgspec.ValidationError):
        return None
