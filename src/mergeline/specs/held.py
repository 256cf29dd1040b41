"""Files that were read once, so that what was hashed is what is used, here and in workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.specs.tree import LinkedTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.tree import Tree


@dataclass(frozen=True, slots=True)
class Held:
    """A tree in memory.

    Attributes:
        contents: the files, by path from the repository's root.
        symbolic: the symbolic links.
    """

    contents: Mapping[str, bytes]
    symbolic: tuple[str, ...] = ()

    @classmethod
    def of(cls, tree: Tree, under: str, endings: tuple[str, ...]) -> Held:
        """Read the files below a folder that have some endings, and list the links.

        Raises:
            OSError: a file cannot be read.
            ToolError: a folder cannot be read.
        """
        links = tree.links(under) if isinstance(tree, LinkedTree) else []
        files = {path: tree.read(path) for path in tree.files(under) if path.endswith(endings)}
        return cls(files, tuple(links))

    def without(self, ending: str) -> Held:
        """Return the same without the files that have an ending."""
        files = {path: text for path, text in self.contents.items() if not path.endswith(ending)}
        return Held(files, self.symbolic)

    def files(self, under: str = "") -> list[str]:
        """Return the files below a folder, sorted."""
        prefix = f"{under}/" if under else ""
        return sorted(path for path in self.contents if path.startswith(prefix))

    def links(self, under: str = "") -> list[str]:
        """Return the symbolic links below a folder (or the folder, if it is one), sorted."""
        return sorted(path for path in self.symbolic if f"{path}/".startswith(f"{under}/"))

    def read(self, path: str) -> bytes:
        """Return the content of a file.

        Raises:
            FileNotFoundError: there is no such file.
        """
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None
