"""Is a bundle what it says? From its own bytes alone: no repository, no network."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.audit.commit import read_commit
from mergeline.audit.export import ANSWER, OBJECTS, POLICIES
from mergeline.audit.making import make_rows
from mergeline.audit.moment import parse_moment
from mergeline.audit.package import NotABundleError, unpacked
from mergeline.audit.row import SOURCES, Row
from mergeline.audit.store import ObjectStore, read_loose
from mergeline.audit.timeline import Change, Recorded, Timeline
from mergeline.errors import MergelineError, UsageError
from mergeline.policy.library import PolicyLibrary
from mergeline.promotion.documents import environment_path, release_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.git import Stored

# What is read from more history than a bundle holds.
_UNPROVEN = {"change"}
_PROVEN = [
    name for name, source in SOURCES.items() if source.startswith("git:") and name not in _UNPROVEN
]


@dataclass
class Verified:
    """What was found in a bundle; without problems it is whole."""

    problems: list[str] = field(default_factory=list)
    rows: int = 0
    objects: int = 0
    head: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "whole": not self.problems,
            "head": self.head,
            "rows": self.rows,
            "objects": self.objects,
            "problems": self.problems,
        }


class _Question(msgspec.Struct):
    at: str | None


class _Answer(msgspec.Struct):
    """What is read of answer.json; rows as the engine writes them."""

    question: _Question
    head: str
    standing_at: str | None
    rows: list[Row]


def verify(path: Path) -> Verified:
    """Verify a bundle.

    Raises:
        UsageError: there is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    verified = Verified()
    try:
        _verify(unpacked(content), verified)
    except NotABundleError as error:
        verified.problems.append(str(error))
    except (ValueError, KeyError, IndexError, MergelineError) as error:
        verified.problems.append(f"an object is missing or broken: {error}")
    return verified


def _verify(files: Mapping[str, bytes], verified: Verified) -> None:
    try:
        answer = msgspec.convert(json.loads(files[ANSWER]), _Answer)
    except (KeyError, ValueError) as error:
        raise NotABundleError(f"{ANSWER} cannot be read: {error}") from None
    objects = {
        name.removeprefix(f"{OBJECTS}/"): read_loose(name.removeprefix(f"{OBJECTS}/"), content)
        for name, content in files.items()
        if name.startswith(f"{OBJECTS}/")
    }
    verified.head, verified.rows, verified.objects = answer.head, len(answer.rows), len(objects)
    _Reader(answer, objects, verified).read()


class _Reader:
    """Reads the rows anew from the objects, and compares."""

    def __init__(self, answer: _Answer, objects: Mapping[str, Stored], verified: Verified) -> None:
        self._answer = answer
        self._objects = objects
        self._store = ObjectStore(objects)
        self._verified = verified
        self._chain = self._first_parents(answer.head)
        self._places = {name: place for place, (name, _) in enumerate(self._chain)}

    def _first_parents(self, head: str) -> list[tuple[str, int]]:
        """Return the commits back from the head as far as they are here, oldest first."""
        chain = []
        name = head
        while name in self._objects:
            commit = read_commit(self._objects[name].content)
            chain.append((name, commit.committer.seconds))
            name = commit.parents[0] if commit.parents else ""
        return chain[::-1]

    def read(self) -> None:
        if not self._chain:
            self._problem(f"the head {self._answer.head} is not in it")
        self._standing()
        for row in self._answer.rows:
            self._row(row)

    def _problem(self, text: str) -> None:
        self._verified.problems.append(text)

    def _standing(self) -> None:
        at, standing = self._answer.question.at, self._answer.standing_at
        if at is None or standing is None:
            if at is not None and self._answer.rows:
                self._problem("it does not say which commit stood at the moment")
            return
        cut = Timeline(self._chain).cut(parse_moment(at).timestamp())
        if not cut or self._chain[cut - 1][0] != standing:
            self._problem(f"{standing} is not the last commit at {at}")

    def _row(self, row: Row) -> None:
        title = f"{row.model} {row.version} in {row.environment} at {row.commit[:10]}"
        if row.commit not in self._places:
            self._problem(f"{title}: the commit is not in the history of the head")
            return
        path = environment_path(row.model, row.environment)
        blob = self._blob(row.commit, path)
        self._places_of(row, title, path, blob)
        for name, said, read in self._differences(row, self._again(row, path, blob)):
            self._problem(f"{title}: {name} is {said!r}, and in Git {read!r}")

    def _places_of(self, row: Row, title: str, path: str, blob: str | None) -> None:
        parents = read_commit(self._objects[row.commit].content).parents
        if parents and self._blob(parents[0], path) == blob:
            self._problem(f"{title}: the commit did not change {path}")
        standing = self._answer.standing_at
        if standing and self._blob(standing, path) != blob:
            self._problem(f"{title}: at the moment {path} was another one")

    def _blob(self, commit: str, path: str) -> str | None:
        (found,) = self._store.stored([f"{commit}:{path}"])
        return found.name if found else None

    def _again(self, row: Row, path: str, blob: str | None) -> Row:
        """Make the row from the objects, by the code that made it from the clone."""
        place = self._places[row.commit]
        change = Change(
            *(row.model, row.environment, row.commit, place, self._chain[place][1], path, blob)
        )
        version = row.version or ""
        record = release_path(row.model, version)
        found = self._blob(row.commit, record)
        recorded = Recorded(row.commit, place, record, found, added=True)
        records = {(row.model, version): [recorded]} if found else {}
        timeline = Timeline(self._chain, (change,), records)
        made = make_rows(self._store, timeline, [change], self._policies)
        return made.rows[0]

    def _policies(self, commit: str) -> str | None:
        try:
            return PolicyLibrary.load(_Tree(self._store.files(commit, POLICIES))).digest
        except MergelineError:
            return None

    @staticmethod
    def _differences(row: Row, again: Row) -> list[tuple[str, Any, Any]]:
        said, read = row.as_json(), again.as_json()
        if row.pull_request_source != "git":
            said["pull_request"] = None
        return [(name, said[name], read[name]) for name in _PROVEN if said[name] != read[name]]


class _Tree:
    """Files in memory, as policies are read from."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def files(self, under: str = "") -> list[str]:
        return sorted(path for path in self._files if path.startswith(f"{under}/"))

    def read(self, path: str) -> bytes:
        return self._files[path]
