"""Some model folders of a tree, each file read once: what is hashed is what is checked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mergeline.specs.repository import MODELS, TEMPLATES
from mergeline.specs.secrets import SEARCHED
from mergeline.specs.tree import has_file, read_at_most
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.held import Held
    from mergeline.specs.listing import Folder
    from mergeline.specs.tree import Tree


class Snapshot:
    """A tree that holds only some of the model folders, and everything outside `models/`.

    The pipeline templates are those that were read before.
    """

    def __init__(self, tree: Tree, templates: Held, folders: Mapping[str, Folder]) -> None:
        self._tree = tree
        self._templates = templates
        self._folders = folders
        self._contents: dict[str, bytes] = {}

    def files(self, under: str = "") -> list[str]:
        """Return the regular files below a folder, sorted."""
        if under != MODELS:
            return (self._templates if under == TEMPLATES else self._tree).files(under)
        return sorted(path for folder in self._folders.values() for path in folder.files)

    def links(self, under: str = "") -> list[str]:
        """Return the symbolic links below `models/`, or those of the templates, sorted."""
        if under != MODELS:
            return self._templates.links(under)
        return sorted(path for folder in self._folders.values() for path in folder.links)

    def read(self, path: str) -> bytes:
        """Return the content of a file, the same each time.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it cannot be read.
        """
        content = self._known(path)
        return self._keep(path, self._tree.read(path)) if content is None else content

    def read_at_most(self, path: str, most: int) -> bytes:
        """Return the first bytes of a file, the same each time if it is no longer.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it cannot be read.
        """
        content = self._known(path)
        if content is not None:
            return content[:most]
        content = read_at_most(self._tree, path, most)
        return self._keep(path, content) if len(content) < most else content

    def _known(self, path: str) -> bytes | None:
        return self._contents.get(path, self._templates.contents.get(path))

    def _keep(self, path: str, content: bytes) -> bytes:
        if path.endswith(SEARCHED) and len(content) <= MAX_BYTES:
            self._contents[path] = content
        return content

    def has(self, path: str) -> bool:
        """Tell whether there is a file that can be read, without reading it."""
        return path in self._contents or has_file(self._tree, path)

    def only(self, folders: Mapping[str, Folder]) -> Snapshot:
        """Return the same tree with fewer model folders, what was read of them included."""
        fewer = Snapshot(self._tree, self._templates, folders)
        fewer._contents = self._contents
        return fewer

    def digest(self, name: str) -> str | None:
        """Return the digest of what the checks see of a model folder.

        That is the text that secrets are searched in, specs and code included. Of other files,
        data of any size among them, only the names are looked at.

        None if a file is not small enough to be kept, or cannot be read: no verdict on it
        can be known again.
        """
        folder = self._folders[name]
        known = hashlib.sha256()
        for path in (*folder.links, "\0", *folder.files):
            known.update(path.encode("utf-8", "surrogateescape") + b"\0")
            if path.endswith(SEARCHED) and path not in folder.links:
                try:
                    content = self.read_at_most(path, MAX_BYTES + 1)
                except OSError:
                    return None
                if path not in self._contents:
                    return None
                known.update(hashlib.sha256(content).digest())
        return known.hexdigest()
