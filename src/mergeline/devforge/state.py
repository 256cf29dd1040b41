"""What the forge remembers: facts as JSON documents in one SQLite table."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from pathlib import Path


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request.

    Attributes:
        pushed_by: who pushed the head.
        base_sha: the base branch when the head was last pushed, or just before the merge.
        commits: the commits that it brought, as pushed and as rewritten; known once merged.
    """

    id: int = 0
    title: str
    body: str | None
    author: str
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    pushed_by: str | None = None
    created_at: str
    updated_at: str
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    labels: tuple[str, ...] = ()
    closed_at: str | None = None
    merged_at: str | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    pushed: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The number by which people know it; ids are given so that issues have others."""
        return self.id


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue."""

    id: int = 0
    title: str
    body: str | None
    author: str
    created_at: str
    updated_at: str
    state: Literal["open", "closed"] = "open"
    state_reason: Literal["completed", "not_planned", "reopened"] | None = None
    labels: tuple[str, ...] = ()
    closed_at: str | None = None
    closed_by: str | None = None

    @property
    def number(self) -> int:
        """The number by which people know it; no pull request has the same."""
        return self.id


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A review of a pull request at a commit."""

    id: int = 0
    number: int
    author: str
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]
    body: str
    commit_id: str
    submitted_at: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a pull request."""

    id: int = 0
    number: int
    actor: str
    event: Literal["base_ref_changed"]
    created_at: str


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment on an issue or a pull request."""

    id: int = 0
    number: int
    author: str
    body: str
    created_at: str
    updated_at: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A status of one context on a commit; the newest of a context counts."""

    id: int = 0
    sha: str
    context: str
    state: Literal["error", "failure", "pending", "success"]
    description: str | None
    target_url: str | None
    creator: str
    created_at: str


# The database's name in the forge's folder.
STATE = "forge.sqlite"
Fact = TypeVar("Fact", bound=Pull | Issue | Review | Event | Comment | Status)
# Issues and pull requests are numbered in one row.
_NUMBERED = ("Pull", "Issue")


class State:
    """Facts by kind and id. Changes are kept together until `commit`."""

    def __init__(self, path: Path) -> None:
        # Requests are answered in a pool of threads, one at a time.
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS facts "
            "(kind TEXT, id INTEGER, document BLOB NOT NULL, PRIMARY KEY (kind, id))"
        )

    def add(self, fact: Fact) -> Fact:
        """Store a new fact under the next id of its kind, or the next number."""
        kind = type(fact).__name__
        kinds = _NUMBERED if kind in _NUMBERED else (kind, kind)
        (latest,) = self._database.execute(
            "SELECT coalesce(max(id), 0) FROM facts WHERE kind IN (?, ?)", kinds
        ).fetchone()
        return self.save(msgspec.structs.replace(fact, id=latest + 1))

    def save(self, fact: Fact) -> Fact:
        """Store a fact in place of the one with its id."""
        self._database.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)",
            (type(fact).__name__, fact.id, msgspec.json.encode(fact)),
        )
        return fact

    def get(self, kind: type[Fact], identifier: int) -> Fact | None:
        """One fact, if it is there."""
        row = self._database.execute(
            "SELECT document FROM facts WHERE kind = ? AND id = ?", (kind.__name__, identifier)
        ).fetchone()
        return msgspec.json.decode(row[0], type=kind) if row else None

    def all(self, kind: type[Fact]) -> list[Fact]:
        """Every fact of a kind, the oldest first."""
        rows = self._database.execute(
            "SELECT document FROM facts WHERE kind = ? ORDER BY id", (kind.__name__,)
        )
        return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def commit(self) -> None:
        """Keep the changes."""
        self._database.commit()

    def rollback(self) -> None:
        """Drop the changes since the last commit."""
        self._database.rollback()

    def close(self) -> None:
        """Close the database."""
        self._database.close()
