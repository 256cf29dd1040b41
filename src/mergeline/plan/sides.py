"""The two sides of a plan, of which only the models that may have changed are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mergeline.specs.kinds import MODEL_KINDS
from mergeline.specs.reading import Reading
from mergeline.specs.repository import MODELS, load_repository
from mergeline.specs.tree import has_file, passed_over

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mergeline.findings import Finding
    from mergeline.specs import types
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree


@dataclass(frozen=True, slots=True)
class Side:
    """What was read of a tree.

    Attributes:
        tree: the files.
        repository: the chosen models and the templates.
    """

    tree: Tree
    repository: Repository

    @property
    def models(self) -> Mapping[str, ModelFolder]:
        """The chosen models that conform, by name."""
        return self.repository.models

    @property
    def templates(self) -> Mapping[str, types.PipelineTemplate]:
        """The pipeline templates that conform, by name."""
        return self.repository.templates

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None."""
        try:
            return self.tree.read(path)
        except (FileNotFoundError, IsADirectoryError):
            return None

    def has(self, name: str) -> bool:
        """Tell whether the chosen model is there, conforming or not."""
        return name in self.repository.names

    def findings(self, name: str) -> tuple[Finding, ...]:
        """Return what is wrong with a model's files and with the template that it names."""
        folder = self.models.get(name)
        template = f"pipelines/{folder.training.pipeline}.yaml" if folder else None
        return tuple(
            finding
            for finding in self.repository.findings
            if finding.location.file.startswith(f"{MODELS}/{name}/")
            or finding.location.file == template
        )


def load_side(tree: Tree, names: Collection[str]) -> Side:
    """Read the chosen models of a tree, and the templates."""
    narrow = _Narrow(tree, names)
    return Side(narrow, load_repository(narrow, only=names))


def load_owners(tree: Tree, names: Collection[str]) -> dict[str, types.Model | None]:
    """Read of some models the model.yaml alone: who owns them, and at what risk.

    Returns:
        By name, those that the tree has; None: the file does not conform.
    """
    kind = MODEL_KINDS[0]
    found: dict[str, types.Model | None] = {}
    for name in sorted(names):
        path = f"{MODELS}/{name}/{kind.path}"
        if has_file(tree, path):
            reading = Reading()
            reading.take(tree, path, name, kind)
            found[name] = cast("types.Model | None", reading.specs.get(name))
    return found


class _Narrow:
    """A tree in which only the chosen models are seen, so that no others are listed."""

    def __init__(self, tree: Tree, names: Collection[str]) -> None:
        self._tree = tree
        self._names = sorted(names)

    def files(self, under: str = "") -> list[str]:
        folders = [f"{MODELS}/{name}" for name in self._names] if under == MODELS else [under]
        found = [path for folder in folders for path in self._tree.files(folder)]
        return [path for path in found if not _passed_over(path)]

    def read(self, path: str) -> bytes:
        return self._tree.read(path)


def _passed_over(path: str) -> bool:
    """Hidden files and caches are no part of a model; the work tree does not list them."""
    return any(passed_over(part) for part in path.split("/"))


class Overlay:
    """A commit with the uncommitted changes of the work tree on top: ignored files stay out."""

    def __init__(self, commit: Tree, work: Tree, changed: Collection[str]) -> None:
        self._commit = commit
        self._work = work
        self._changed = frozenset(changed)

    def files(self, under: str = "") -> list[str]:
        """Return the files below a folder, sorted."""
        committed = set(self._commit.files(under)) - self._changed
        return sorted(committed | (self._changed & set(self._work.files(under))))

    def read(self, path: str) -> bytes:
        """Return the content of a file; FileNotFoundError if it is not there."""
        return (self._work if path in self._changed else self._commit).read(path)
