"""Reads the files of a folder: each to a typed spec, or to the findings that say why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.findings import Finding, Location, Severity
from mergeline.specs.conformance import conform
from mergeline.specs.tree import LinkedTree
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.specs import types
    from mergeline.specs.document import Document
    from mergeline.specs.kinds import Kind
    from mergeline.specs.tree import Tree


class Files(Mapping[str, bytes]):
    """The files of a folder by their path below it, read when they are asked for.

    A model folder may hold data of any size; most commands never look at them.
    """

    def __init__(
        self, tree: Tree, folder: str, paths: Iterable[str], more: Mapping[str, bytes] | None = None
    ) -> None:
        self._tree = tree
        self._folder = folder
        self._read: dict[str, bytes | None] = dict.fromkeys(paths) | dict(more or {})

    def __getitem__(self, path: str) -> bytes:
        content = self._read[path]
        if content is None:
            content = self._read[path] = self._fetch(f"{self._folder}/{path}")
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def __contains__(self, path: object) -> bool:
        return path in self._read

    def _fetch(self, path: str) -> bytes:
        try:
            return self._tree.read(path)
        except OSError as error:
            raise ToolError(
                f"the file cannot be read: {error.strerror or error}", location=Location(path)
            ) from None


@dataclass(slots=True)
class Reading:
    """What has been read so far.

    Attributes:
        documents: the parsed files that conform, by their key.
        specs: the same, typed.
        findings: what is wrong with the others.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    specs: dict[str, types.Spec] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take(self, tree: Tree, file: str, key: str, kind: Kind) -> None:
        """Read a file and keep it under a key if it conforms to its kind."""
        try:
            content = tree.read(file)
        except OSError as error:
            self.findings.append(unreadable(file, error))
            return
        document, findings = parse(file, content)
        self.findings += findings
        if document is None:
            return
        spec, findings = conform(document, kind)
        self.findings += findings
        if spec is not None:
            self.documents[key] = document
            self.specs[key] = spec

    def all_of(self, folder: str) -> dict[str, Any]:
        """Return the specs whose keys lie in a folder, by the names of their files."""
        prefix = f"{folder}/"
        return {
            path.removeprefix(prefix).removesuffix(".yaml"): spec
            for path, spec in self.specs.items()
            if path.startswith(prefix)
        }


def unreadable(file: str, error: OSError) -> Finding:
    """Say that a file is there but cannot be read."""
    return Finding(
        "unreadable-file",
        Severity.ERROR,
        f"the file cannot be read: {error.strerror or error}",
        Location(file),
        "check its permissions",
    )


def link_findings(tree: Tree, under: str) -> list[Finding]:
    """Return a finding for each symbolic link below a folder, if the tree can tell them."""
    links = tree.links(under) if isinstance(tree, LinkedTree) else []
    return [
        Finding(
            "symbolic-link",
            Severity.ERROR,
            "a symbolic link is not followed",
            Location(printable(path)),
            "put the file itself there",
        )
        for path in links
    ]


def printable(path: str) -> str:
    """Return a path in which characters that do not print are written as escapes."""
    if path.isprintable():
        return path
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in path
    )


def is_plain(path: str) -> bool:
    """Tell whether a path can be printed and written to a file as it is."""
    return path.isprintable() and "\\" not in path
