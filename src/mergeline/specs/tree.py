"""Where specs are read from: the work tree, or a commit (`mergeline.git.GitTree`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Tree(Protocol):
    """A set of files, by paths from the repository's root with forward slashes."""

    def files(self, under: str = "") -> list[str]:
        """Return the regular files below a folder, sorted."""

    def read(self, path: str) -> bytes:
        """Return the content of a file; FileNotFoundError if it is not there."""


@runtime_checkable
class LinkedTree(Protocol):
    """A tree that can also tell its symbolic links, which are never followed."""

    def links(self, under: str = "") -> list[str]:
        """Return the symbolic links below a folder (or the folder, if it is one), sorted."""


class WorkingTree:
    """The files as they are on disk, committed or not; hidden names are passed over."""

    def __init__(self, root: Path) -> None:
        self.root = root

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
        """Return the content of a file.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it cannot be read.
        """
        return (self.root / path).read_bytes()

    def _walk(self, under: str) -> Iterator[tuple[str, _Entry]]:
        if under and (self.root / under).is_symlink():
            return
        folders = [under]
        while folders:
            folder = folders.pop()
            for entry in self._entries(folder):
                if entry.name.startswith(".") or entry.name == "__pycache__":
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
