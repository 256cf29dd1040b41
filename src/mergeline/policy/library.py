"""The policies of a repository: its Rego modules and the data that an organisation tunes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_json
from mergeline.errors import ToolError, UsageError
from mergeline.findings import Location
from mergeline.policy.module import Module, read_module
from mergeline.specs.yaml import parse
from mergeline.written import HIDDEN_HINT, hidden_character, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.tree import Tree

FOLDER = "policies"
DATA = "data.yaml"
_TEST = "_test.rego"


@dataclass(frozen=True)
class PolicyLibrary:
    """What an engine evaluates.

    Attributes:
        modules: the Rego modules, by path from the repository's root.
        data: the content of `policies/data.yaml`, seen by Rego as `data.<key>`.
    """

    modules: Mapping[str, Module]
    data: Mapping[str, Any]

    @classmethod
    def load(cls, tree: Tree, folder: str = FOLDER, *, tests: bool = False) -> PolicyLibrary:
        """Read the policies below a folder of a tree.

        Args:
            tree: the files; for a judgement, those of the base branch.
            folder: where the policies are.
            tests: read `*_test.rego` too?

        Raises:
            ToolError: there is no policy, or a module cannot be read.
            UsageError: data.yaml cannot be read, there is data in another file, or a file is
                too large.
        """
        modules: dict[str, Module] = {}
        data: Mapping[str, Any] = {}
        for path in tree.files(folder):
            if path == f"{folder}/{DATA}":
                data = _read_data(path, tree.read(path))
            elif path.endswith((".yaml", ".yml", ".json")):
                raise _data_elsewhere(path, folder)
            elif path.endswith(".rego") and (tests or not path.endswith(_TEST)):
                modules[path] = read_module(path, _readable(path, tree.read(path)))
        if not modules:
            raise ToolError(
                f"there is no policy in {folder}/: an empty set says nothing, and not yes",
                hint="mergeline init lays down the reference policies",
                location=Location(folder),
            )
        return cls(modules, data)

    @classmethod
    def of(cls, texts: Mapping[str, str], data: Mapping[str, Any] | None = None) -> PolicyLibrary:
        """Make a library of module texts by path.

        Raises:
            ToolError: a module cannot be read.
        """
        modules = {path: read_module(path, text.encode()) for path, text in texts.items()}
        return cls(modules, data or {})

    @cached_property
    def digest(self) -> str:
        """The digest of all modules and the data."""
        texts = {path: module.text for path, module in self.modules.items()}
        return digest_json({"modules": texts, "data": dict(self.data)})

    @cached_property
    def packages(self) -> Mapping[str, frozenset[str]]:
        """The names of the rules, by package."""
        packages: dict[str, set[str]] = {}
        for module in self.modules.values():
            names = packages.setdefault(module.package, set())
            names.update(rule.name for rule in module.rules)
        return {package: frozenset(names) for package, names in packages.items()}

    def rules_of(self, package: str) -> frozenset[str]:
        """Return the names of a package's rules; empty if there is no such package."""
        return self.packages.get(package, frozenset())

    def files_of(self, package: str) -> list[str]:
        """Return the files of a package."""
        return [path for path, module in self.modules.items() if module.package == package]

    def require(self, package: str) -> None:
        """Check that a package is there and can say no.

        Raises:
            ToolError: it is not there, or has no rule `deny`.
        """
        if package not in self.packages:
            known = ", ".join(sorted(self.packages)) or "none"
            raise ToolError(f"there is no policy package {package}", hint=f"known: {known}")
        if "deny" not in self.rules_of(package):
            files = self.files_of(package)
            raise ToolError(
                f"policy package {package} has no rule deny: it could never say no",
                hint="add a rule: deny contains {…} if {…}",
                location=Location(files[0]),
            )

    def location_of(self, package: str, rule: str) -> Location | None:
        """Return where a rule of a package is first written, or the package's first file."""
        modules = [module for module in self.modules.values() if module.package == package]
        for module in modules:
            for one in module.rules:
                if one.name == rule:
                    return module.location(one.tokens[0])
        return Location(modules[0].path) if modules else None


def _readable(path: str, content: bytes) -> bytes:
    if problem := too_large(content):
        raise UsageError(problem, location=Location(path))
    if hidden := hidden_character(content.decode(errors="replace")):
        place = Location(path, hidden.line, hidden.column)
        raise UsageError(hidden.message, hint=HIDDEN_HINT, location=place)
    return content


def _read_data(path: str, content: bytes) -> Mapping[str, Any]:
    document, findings = parse(path, content)
    if document is None:
        [finding] = findings
        raise UsageError(finding.message, hint=finding.hint, location=finding.location)
    if not isinstance(document.value, dict):
        raise UsageError("policy data must be a mapping", location=document.locate())
    return document.value


def _data_elsewhere(path: str, folder: str) -> UsageError:
    return UsageError(
        f"{path} is not read: policy data stands in {folder}/{DATA} alone",
        hint=f"move it into {folder}/{DATA}",
        location=Location(path),
    )
