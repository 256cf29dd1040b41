"""Objects of Git, wherever they are: in a clone, or in a bundle."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from mergeline.audit.commit import read_commit
from mergeline.git import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Store(Protocol):
    """Where objects are read."""

    def stored(self, names: Sequence[str]) -> list[Stored | None]:
        """Return objects by identifier or `commit:path`; None: there is no such object here."""


def loose(one: Stored) -> bytes:
    """Return an object as Git hashes it: the digest of these bytes is its identifier."""
    return f"{one.kind} {len(one.content)}\0".encode() + one.content


def read_loose(name: str, content: bytes) -> Stored:
    """Read an object back.

    Raises:
        ValueError: it is none, or not the one of that identifier.
    """
    method = hashlib.sha256 if len(name) == len(hashlib.sha256().hexdigest()) else hashlib.sha1
    if method(content).hexdigest() != name:
        raise ValueError(f"object {name} has other content than its identifier says")
    head, _, rest = content.partition(b"\0")
    kind, _, size = head.decode(errors="replace").partition(" ")
    if size != str(len(rest)):
        raise ValueError(f"object {name} has another length than it says")
    return Stored(name, kind, rest)


class ObjectStore:
    """Objects in memory."""

    def __init__(self, objects: Mapping[str, Stored]) -> None:
        self._objects = objects

    def stored(self, names: Sequence[str]) -> list[Stored | None]:
        """Return objects by identifier or `commit:path`; None: there is no such object here."""
        return [self._find(name) for name in names]

    def _find(self, name: str) -> Stored | None:
        commit, colon, path = name.partition(":")
        found = self._objects.get(commit)
        if not colon or found is None:
            return found
        found = self._objects.get(read_commit(found.content).tree)
        for part in path.split("/"):
            entries = tree_entries(found) if found and found.kind == "tree" else {}
            found = self._objects.get(entries.get(part, ""))
        return found

    def files(self, commit: str, folder: str) -> dict[str, bytes]:
        """Return the files below a folder of a commit, by their paths from the root.

        Raises:
            KeyError: an object of them is missing.
        """
        files: dict[str, bytes] = {}
        open_folders = [(folder, self._find(f"{commit}:{folder}"))]
        while open_folders:
            path, tree = open_folders.pop()
            for name, identifier in (tree_entries(tree) if tree else {}).items():
                one = self._objects[identifier]
                if one.kind == "tree":
                    open_folders.append((f"{path}/{name}", one))
                else:
                    files[f"{path}/{name}"] = one.content
        return files


def tree_entries(tree: Stored) -> dict[str, str]:
    """Return the identifiers in a tree, by name."""
    size = len(tree.name) // 2
    entries = {}
    place = 0
    while place < len(tree.content):
        end = tree.content.index(b"\0", place)
        name = tree.content[place:end].partition(b" ")[2].decode(errors="surrogateescape")
        place = end + 1 + size
        entries[name] = tree.content[end + 1 : place].hex()
    return entries
