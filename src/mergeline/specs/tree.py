"""Where specs are read from: the work tree, or a commit (`mergeline.git.GitTree`)."""

from __future__ import annotations

import os
from errno import EINVAL, ENOENT
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from mergeline.errors import ToolError
from mergeline.written import most_read

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where tools keep passwords; all that begins with .env is another.
HIDDEN_SECRETS = frozenset({".git-credentials", ".netrc", ".npmrc", ".pgpass", ".pypirc"})


class Tree(Protocol):
    """A set of files, by paths from the repository's root with forward slashes."""

    def files(self, under: str = "") -> list[str]:
        """Return the regular files below a folder, sorted."""

    def read(self, path: str) -> bytes:
        """Return the content of a file, or as much as `most_read` says.

        Raises:
            FileNotFoundError: it is not there.
        """


@runtime_checkable
class LinkedTree(Protocol):
    """A tree that can also tell its symbolic links, which are never followed."""

    def links(self, under: str = "") -> list[str]:
        """Return the symbolic links below a folder (or the folder, if it is one), sorted."""


@runtime_checkable
class ProbedTree(Protocol):
    """A tree that can tell of a file, of any size, that it is there and can be read."""

    def has(self, path: str) -> bool:
        """Tell whether there is a file that can be read, without reading it."""


@runtime_checkable
class BoundedTree(Protocol):
    """A tree that reads no more of a file than it is asked for."""

    def read_at_most(self, path: str, most: int) -> bytes:
        """Return the first bytes of a file.

        Raises:
            FileNotFoundError: it is not there.
            OSError: it cannot be read.
        """


def read_at_most(tree: Tree, path: str, most: int) -> bytes:
    """Return the first bytes of a file, and take no more of it into memory where that can be.

    Raises:
        FileNotFoundError: it is not there.
        OSError: it cannot be read.
    """
    if isinstance(tree, BoundedTree):
        return tree.read_at_most(path, most)
    return tree.read(path)[:most]


def passed_over(name: str) -> bool:
    """Tell whether a name is no file of a repository's: hidden, but for those that hold secrets."""
    if name.startswith("."):
        return not name.startswith(".env") and name not in HIDDEN_SECRETS
    return name == "__pycache__"


def has_file(tree: Tree, path: str) -> bool:
    """Tell whether a tree has a file that can be read."""
    if isinstance(tree, ProbedTree):
        return tree.has(path)
    try:
        tree.read(path)
    except OSError:
        return False
    return True


class WorkingTree:
    """The files as they are on disk, committed or not; hidden names are passed over."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = Path(os.path.realpath(root))

    def files(self, under: str = "") -> list[str]:
        """Return the regular files below a folder, sorted; links are not followed.

        Raises:
            ToolError: a folder cannot be read.
        """
        return sorted(path for path, entry in self._walk(under) if entry.is_file())

    def links(self, under: str = "") -> list[str]:
        """Return the symbolic links below a folder (or the folder, if it is one), sorted.

        Raises:
            ToolError: a folder cannot be read.
        """
        if under and (self.root / under).is_symlink():
            return [under]
        return sorted(path for path, entry in self._walk(under) if entry.is_symlink())

    def read(self, path: str) -> bytes:
        """Return the content of a file, or as much as `most_read` says.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it cannot be read.
        """
        return self.read_at_most(path, most_read(path))

    def read_at_most(self, path: str, most: int) -> bytes:
        """Return the first bytes of a file; of -1, all.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it cannot be read.
        """
        with self._open(path) as file:
            return file.read(most)

    def has(self, path: str) -> bool:
        """Tell whether there is a file that can be read, without reading it."""
        try:
            self._open(path).close()
        except OSError:
            return False
        return True

    def _open(self, path: str) -> BinaryIO:
        """Open a regular file of the tree: no link leads out of it, no pipe keeps us waiting."""
        place = self._real / path
        if os.path.realpath(place) != str(place):
            raise FileNotFoundError(ENOENT, "a symbolic link is not followed", path)
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        file = os.fdopen(descriptor, "rb")
        if not S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise OSError(EINVAL, "it is not a regular file", path)
        return file

    def _walk(self, under: str) -> Iterator[tuple[str, _Entry]]:
        if under and (self.root / under).is_symlink():
            return
        folders = [under]
        while folders:
            folder = folders.pop()
            for entry in self._entries(folder):
                if passed_over(entry.name):
                    continue
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_folder():
                    folders.append(path)
                yield path, entry

    def _entries(self, folder: str) -> list[_Entry]:
        try:
            with os.scandir(self.root / folder) as found:
                return [_Entry(entry) for entry in found]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise ToolError(
                f"the folder {folder or '.'} cannot be read: {error.strerror}",
                hint="check its permissions",
            ) from None


class _Entry:
    """What a folder says of a name, without following links."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name = entry.name
        self._entry = entry

    def is_file(self) -> bool:
        return self._entry.is_file(follow_symlinks=False)

    def is_folder(self) -> bool:
        return self._entry.is_dir(follow_symlinks=False)

    def is_symlink(self) -> bool:
        return self._entry.is_symlink()
