"""What the checks of references look at: one model, with what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Severity
from mergeline.specs.conformance import did_you_mean
from mergeline.specs.tree import has_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mergeline.specs.document import Pointer
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree
    from mergeline.specs.types.data import Column, Dataset


@dataclass(frozen=True)
class Subject:
    """A model whose files all conform, in its repository and tree.

    Attributes:
        model: the model.
        repository: what stands around it.
        tree: the files.
        seen: which paths of the tree are files, shared by all subjects of one check: a
            thousand models name the same lockfile.
    """

    model: ModelFolder
    repository: Repository
    tree: Tree
    seen: dict[str, bool]

    @property
    def dataset(self) -> Dataset:
        """The one dataset of the model."""
        return self.model.data.datasets[0]

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The dataset's columns by name."""
        return {column.name: column for column in self.dataset.columns}

    @cached_property
    def features(self) -> list[str]:
        """The names of the features, in their order."""
        return [feature.name for feature in self.model.features.features]

    def has_file(self, path: str) -> bool:
        """Tell whether the repository has a file that can be read."""
        if path not in self.seen:
            self.seen[path] = has_file(self.tree, path)
        return self.seen[path]

    def finding(
        self,
        rule: str,
        message: str,
        file: str,
        pointer: Pointer,
        *,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
        key: bool = False,
    ) -> Finding:
        """Make a finding at a place of one of the model's files."""
        document = self.model.documents[file]
        return document.finding(rule, message, pointer, hint=hint, key=key, severity=severity)

    def column(
        self, name: str, file: str, pointer: Pointer, *, dropped: bool = False
    ) -> Iterator[Finding]:
        """Yield a finding if the dataset has no such column.

        Args:
            name: the column's.
            file: where it is named.
            pointer: the place in the file.
            dropped: may it be one that the data step drops?
        """
        column = self.columns.get(name)
        if column is not None and column.pii_treatment == "dropped" and not dropped:
            yield self.finding(
                "dropped-column",
                f'column "{name}" is dropped before anything reads it',
                file,
                pointer,
                hint="use another column, or treat it otherwise: pii_treatment in data.yaml",
            )
        if column is None:
            yield self.finding(
                "unknown-column",
                f'the dataset has no column "{name}"',
                file,
                pointer,
                hint=did_you_mean(name, list(self.columns)),
            )

    def feature(self, name: str, file: str, pointer: Pointer) -> Iterator[Finding]:
        """Yield a finding if the model has no such feature."""
        if name not in self.features:
            yield self.finding(
                "unknown-feature",
                f'the model has no feature "{name}"',
                file,
                pointer,
                hint=did_you_mean(name, self.features),
            )

    def unique(
        self, what: str, names: Iterable[str], file: str, pointer: Pointer, key: str = "name"
    ) -> Iterator[Finding]:
        """Yield a finding for each name of a list that was there before."""
        first: dict[str, int] = {}
        for index, name in enumerate(names):
            at = first.setdefault(name, index)
            if at != index:
                line = self.model.documents[file].locate((*pointer, at, key)).line
                yield self.finding(
                    "duplicate-name",
                    f'{what} "{name}" stands here twice; first on line {line}',
                    file,
                    (*pointer, index, key),
                    hint="rename or remove one of them",
                )
