"""What the default branch has wanted of every environment, commit by commit.

The order is that of the commits, not of their clocks: a commit that names an earlier moment than
the one before it does not go back in time.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.audit.moment import moment_text
from mergeline.specs.repository import MODELS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mergeline.git import GitRepository, Touched

# From here on two processes are quicker than one.
_LONG = 1000
_STATE = re.compile(rf"{MODELS}/([^/]+)/(environments|releases)/([^/]+)\.yaml")

_FEATURES = re.compile(rf"{MODELS}/([^/]+)/features\.yaml")


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that left an environment's file otherwise than it was.

    Attributes:
        position: of the commit in the first-parent history, from 0, the oldest.
        seconds: when its committer says it was made, since 1970.
        blob: the content of the file; None: the file is gone.
    """

    model: str
    environment: str
    commit: str
    position: int
    seconds: int
    path: str
    blob: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A commit that added, changed or removed a release record."""

    commit: str
    position: int
    path: str
    blob: str | None
    added: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The history of a branch, oldest first.

    Attributes:
        commits: each commit of the first-parent history, with its committer's moment.
        changes: of environments.
        records: of release records, by model and version.
        features: each content that a features.yaml has had, by the model's name.
    """

    commits: Sequence[tuple[str, int]]
    changes: tuple[Change, ...] = ()
    records: dict[tuple[str, str], list[Recorded]] = field(default_factory=dict)
    features: dict[str, set[str]] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The newest commit."""
        return self.commits[-1][0]

    def cut(self, seconds: float) -> int:
        """Return how many commits there were at a moment.

        That is up to the last commit, in the order of commits, that was made then or before: what
        came before a commit was there when it was made, whatever its own clock said.
        """
        for index in range(len(self.commits), 0, -1):
            if self.commits[index - 1][1] <= seconds:
                return index
        return 0

    def record(self, model: str, version: str, position: int) -> Recorded | None:
        """Return the last change of a release record up to a commit."""
        known = self.records.get((model, version), [])
        return next((one for one in reversed(known) if one.position <= position), None)

    def state(self, cut: int) -> list[Change]:
        """Return what stood after so many commits: the last change of each environment."""
        last: dict[tuple[str, str], Change] = {}
        for change in self.changes:
            if change.position < cut:
                last[change.model, change.environment] = change
        return [change for _, change in sorted(last.items()) if change.blob]

    def backwards(self, change: Change) -> str | None:
        """Say so if the commit of a change names a moment before that of an earlier commit."""
        if change.position == 0:
            return None
        before, seconds = self.commits[change.position - 1]
        if seconds <= change.seconds:
            return None
        return (
            f"commit {change.commit[:10]} says {moment_text(change.seconds)}, "
            f"but follows {before[:10]} of {moment_text(seconds)}"
        )


def read_timeline(git: GitRepository, ref: str, models: Collection[str] = ()) -> Timeline:
    """Read the history of a branch up to a commit in two passes, however long it is.

    Args:
        git: the clone.
        ref: the newest commit to look at.
        models: the models to read changes of; none: all.

    Raises:
        ToolError: the clone does not have the whole history.
    """
    commits = git.first_parents(ref)
    return _timeline(commits, _touched(git, commits, [f"{MODELS}/{name}" for name in models]))


def _touched(
    git: GitRepository, commits: Sequence[tuple[str, int]], paths: Sequence[str]
) -> dict[str, list[Touched]]:
    """Read a long history in two halves at once: each keeps a process of Git busy."""
    if len(commits) < _LONG:
        return git.touched(commits[-1][0], paths)
    middle, head = commits[len(commits) // 2][0], commits[-1][0]
    with ThreadPoolExecutor(2) as pool:
        older, newer = pool.map(lambda ref: git.touched(ref, paths), (middle, f"{middle}..{head}"))
    return older | newer


def _timeline(commits: Sequence[tuple[str, int]], touched: dict[str, list[Touched]]) -> Timeline:
    changes: list[Change] = []
    records: dict[tuple[str, str], list[Recorded]] = {}
    features: dict[str, set[str]] = {}
    for position, (commit, seconds) in enumerate(commits):
        for one in touched.get(commit, ()):
            found = _STATE.fullmatch(one.path)
            if found is None:
                _take_features(features, one)
                continue
            model, kind, name = found.groups()
            if kind == "environments":
                changes.append(Change(model, name, commit, position, seconds, one.path, one.blob))
            else:
                record = Recorded(commit, position, one.path, one.blob, one.added)
                records.setdefault((model, name), []).append(record)
    return Timeline(commits, tuple(changes), records, features)


def _take_features(features: dict[str, set[str]], one: Touched) -> None:
    found = _FEATURES.fullmatch(one.path)
    if found and one.blob:
        features.setdefault(found[1], set()).add(one.blob)
