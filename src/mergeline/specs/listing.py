"""Which files each model folder holds, and a stamp of each that changes when one of them does."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.specs.tree import passed_over

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A file that changes again within the clock's grain keeps its times: as Git does, what is
# younger than this is not known by its times.
RACY_NANOSECONDS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Folder:
    """A model folder as it was listed.

    Attributes:
        files: its regular files, sorted, as paths from the repository's root.
        links: its symbolic links, likewise.
        stamp: the same as before only if nothing in it has changed since; empty if something
            has changed so lately that its times cannot tell.
    """

    files: tuple[str, ...]
    links: tuple[str, ...]
    stamp: str


def list_folders(root: Path, under: str) -> dict[str, Folder]:
    """List the folders below one, by name; those with neither files nor links are left out.

    Hidden names are mostly passed over and links are not followed, as `WorkingTree` has it.

    Raises:
        ToolError: a folder cannot be read.
    """
    top = root / under
    if top.is_symlink():
        return {}
    folders = {}
    for entry in _scan(str(top), under):
        path = f"{under}/{entry.name}"
        if entry.is_symlink():
            folders[entry.name] = Folder((), (path,), "")
        elif entry.is_dir(follow_symlinks=False):
            folder = _folder(f"{top}/{entry.name}", path)
            if folder.files or folder.links:
                folders[entry.name] = folder
    return dict(sorted(folders.items()))


def _folder(place: str, path: str) -> Folder:
    files: list[str] = []
    links: list[str] = []
    facts: list[str] = []
    newest = 0
    open_folders = [(place, path)]
    while open_folders:
        place, path = open_folders.pop()
        for entry in _scan(place, path):
            name = f"{path}/{entry.name}"
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                newest = time.time_ns()
                continue
            mode = stat.st_mode
            if S_ISREG(mode):
                files.append(name)
            elif S_ISDIR(mode):
                open_folders.append((f"{place}/{entry.name}", name))
            elif S_ISLNK(mode):
                links.append(name)
            newest = max(newest, stat.st_mtime_ns, stat.st_ctime_ns)
            facts.append(
                f"{name}\0{mode}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}"
                f"\0{stat.st_ino}\0{stat.st_dev}\0{stat.st_uid}\0"
            )
    racy = newest > time.time_ns() - RACY_NANOSECONDS
    facts.sort()
    text = "".join(facts).encode("utf-8", "surrogateescape")
    stamp = "" if racy else hashlib.blake2b(text, digest_size=16).hexdigest()
    return Folder(tuple(sorted(files)), tuple(sorted(links)), stamp)


def _scan(place: str, path: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            for entry in found:
                if not passed_over(entry.name):
                    yield entry
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ToolError(
            f"the folder {path} cannot be read: {error.strerror}", hint="check its permissions"
        ) from None
