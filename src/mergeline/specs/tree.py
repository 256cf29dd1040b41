"""Where specs are read from: the work tree, or a commit (`mergeline.git.GitTree`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class Tree(Protocol):
    """A set of files, by paths from the repository's root with forward slashes."""

    def files(self, under: str = "") -> list[str]:
        """Return the files below a folder, sorted."""

    def read(self, path: str) -> bytes:
        """Return the content of a file; FileNotFoundError if it is not there."""


class WorkingTree:
    """The files as they are on disk, committed or not; hidden folders are passed over."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def files(self, under: str = "") -> list[str]:
        """Return the regular files below a folder, sorted; links are not followed."""
        found = []
        for folder, folders, names in os.walk(self.root / under):
            folders[:] = [
                name for name in folders if not name.startswith(".") and name != "__pycache__"
            ]
            found += [Path(folder, name) for name in names if not name.startswith(".")]
        regular = (path for path in found if path.is_file() and not path.is_symlink())
        return sorted(path.relative_to(self.root).as_posix() for path in regular)

    def read(self, path: str) -> bytes:
        """Return the content of a file.

        Raises:
            FileNotFoundError: there is no such file.
        """
        return (self.root / path).read_bytes()
