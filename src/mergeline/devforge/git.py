"""The bare repository: the only module of the development forge that runs git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FIELDS = ("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B")
FileStatus = Literal["added", "removed", "modified", "renamed", "copied", "changed"]
_FILE_STATUS: dict[str, FileStatus] = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}


class GitError(Exception):
    """git ended with an unexpected exit code."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who, and when (ISO 8601)."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, read."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a comparison; a binary file counts no lines."""

    path: str
    previous: str | None
    status: FileStatus
    blob: str
    additions: int
    deletions: int


class Push(msgspec.Struct, frozen=True):
    """A ref was moved by a push; 40 zeros stand for no commit."""

    ref: str
    before: str
    after: str
    login: str
    at: str
    forced: bool


class BareRepository:
    """Git plumbing in one bare repository."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def create(self, default_branch: str) -> None:
        """Make the repository, if it is not there yet."""
        if (self.directory / "HEAD").exists():
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--bare", f"--initial-branch={default_branch}")

    def branches(self) -> dict[str, str]:
        """Every branch and the commit it points to."""
        lines = self._git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads")
        pairs = (line.split(" ", 1) for line in lines.splitlines())
        return {name.removeprefix("refs/heads/"): sha for sha, name in pairs}

    def resolve(self, name: str) -> str | None:
        """The full sha of a commit, or None when there is none of that name."""
        found = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"
        )
        return found.stdout.decode().strip() if found.returncode == 0 else None

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is the other, or is in its history."""
        return self._run("merge-base", "--is-ancestor", ancestor, descendant).returncode == 0

    def landing(self, sha: str, branch: str) -> str:
        """The first commit of a branch's own (first-parent) history that holds a commit."""
        own = self._git("rev-list", "--first-parent", branch).split()
        return list(takewhile(lambda one: self.is_ancestor(sha, one), own))[-1]

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None for histories that have nothing in common."""
        found = self._run("merge-base", one, other)
        return found.stdout.decode().strip() if found.returncode == 0 else None

    def between(self, base: str, head: str) -> list[str]:
        """The commits of `head` that `base` does not have, the oldest first."""
        return self._git("rev-list", "--reverse", "--topo-order", f"{base}..{head}").split()

    def commits(self, shas: Sequence[str]) -> list[Commit]:
        """Read commits, in the order given."""
        if not shas:
            return []
        text = self._git(
            "log",
            "-z",
            "--no-walk=unsorted",
            "--stdin",
            f"--format=tformat:{'%x00'.join(_FIELDS)}",
            stdin="".join(f"{sha}\n" for sha in shas),
        )
        values = text.split("\0")
        size = len(_FIELDS)
        return [_commit(values[at : at + size]) for at in range(0, size * len(shas), size)]

    def files(self, base: str, head: str) -> list[ChangedFile]:
        """What changed from the common ancestor to `head`, renames found."""
        start = self.merge_base(base, head) or base
        arguments = ("diff-tree", "-r", "-z", "-M", "--no-abbrev", start, head)
        raw = self._git(*arguments, "--raw").split("\0")[:-1]
        counts = self._git(*arguments, "--numstat").split("\0")[:-1]
        return _changed_files(raw, _line_counts(counts))

    def merge_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of a merge, or None when it conflicts."""
        merged = self._run("merge-tree", "--write-tree", "--no-messages", ours, theirs)
        if merged.returncode == 0:
            return merged.stdout.decode().split("\0")[0].strip()
        if merged.returncode == 1:
            return None
        raise GitError(merged.stderr.decode(errors="replace").strip())

    def commit_tree(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        *,
        author: Signature,
        committer: Signature,
    ) -> str:
        """Write a commit."""
        flags = [word for parent in parents for word in ("-p", parent)]
        identity = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": author.date,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": committer.date,
        }
        return self._git(
            "commit-tree", tree, *flags, "-F", "-", stdin=message, variables=identity
        ).strip()

    def empty_tree(self) -> str:
        """The tree without files."""
        return self._git("mktree").strip()

    def update_ref(self, ref: str, new: str, old: str | None = None) -> bool:
        """Point a ref at a commit; with `old`, only if it still points there."""
        expected = [] if old is None else [old]
        return self._run("update-ref", ref, new, *expected).returncode == 0

    def text(self, commit: str, path: str) -> str | None:
        """A file as it is in a commit, if it is there."""
        found = self._run("cat-file", "blob", f"{commit}:{path}")
        return found.stdout.decode("utf-8", "replace") if found.returncode == 0 else None

    def remember_pusher(self, sha: str, login: str) -> None:
        """Note who pushed a commit."""
        folder = self.directory / "pushers"
        folder.mkdir(exist_ok=True)
        (folder / sha).write_text(login)

    def pusher(self, sha: str) -> str | None:
        """Who pushed a commit, where that was said."""
        noted = self.directory / "pushers" / sha
        return noted.read_text() if noted.is_file() else None

    def remember_push(self, push: Push) -> None:
        """Note a push, after those before it."""
        with (self.directory / "pushes.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(push) + b"\n")

    def pushes(self) -> list[Push]:
        """The pushes of which somebody said whose they were, the oldest first."""
        noted = self.directory / "pushes.jsonl"
        lines = noted.read_bytes().splitlines() if noted.is_file() else []
        return [msgspec.json.decode(line, type=Push) for line in lines]

    def delete_branch(self, name: str) -> bool:
        """Delete a branch, if it is there."""
        sha = self.branches().get(name)
        return (
            sha is not None
            and self._run("update-ref", "-d", f"refs/heads/{name}", sha).returncode == 0
        )

    def _git(
        self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None
    ) -> str:
        done = self._run(*arguments, stdin=stdin, variables=variables)
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip()
            raise GitError(f"git {arguments[0]}: {reason}")
        return done.stdout.decode("utf-8", errors="replace")

    def _run(
        self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        # The configuration and the repository of whoever started the forge are not its own.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        return subprocess.run(  # noqa: S603 - the arguments are a list, and no shell reads them
            ["git", *arguments],  # noqa: S607 - git is looked up on PATH, as a user would
            cwd=self.directory,
            env={
                **inherited,
                "GIT_DIR": str(self.directory),
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
                "LC_ALL": "C.UTF-8",
                **(variables or {}),
            },
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )


def _commit(values: Sequence[str]) -> Commit:
    sha, tree, parents, *people, message = values
    return Commit(
        sha=sha.strip(),
        tree=tree,
        parents=tuple(parents.split()),
        author=Signature(*people[:3]),
        committer=Signature(*people[3:]),
        message=message.rstrip("\n"),
    )


def _changed_files(raw: Sequence[str], counts: Mapping[str, tuple[int, int]]) -> list[ChangedFile]:
    """Read `diff-tree --raw -z`: a record of modes and shas, then one path, or two."""
    words = iter(raw)
    files = []
    for record in words:
        _, _, old_blob, new_blob, kind = record.split(" ")
        first = next(words)
        moved = kind[0] in "RC"
        path = next(words) if moved else first
        additions, deletions = counts[path]
        files.append(
            ChangedFile(
                path=path,
                previous=first if moved else None,
                status=_FILE_STATUS[kind[0]],
                blob=old_blob if kind == "D" else new_blob,
                additions=additions,
                deletions=deletions,
            )
        )
    return files


def _line_counts(words: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Read `diff-tree --numstat -z`: after a rename's empty path come the old and the new one."""
    counts = {}
    remaining = iter(words)
    for word in remaining:
        added, deleted, path = word.split("\t", 2)
        if not path:
            next(remaining)
            path = next(remaining)
        binary = added == "-"
        counts[path] = (0, 0) if binary else (int(added), int(deleted))
    return counts
