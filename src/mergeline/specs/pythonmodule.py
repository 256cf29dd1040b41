"""What a Python module defines at its top, from its source and without importing it.

scikit-learn is read from its catalogue where it is not installed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.libraries import is_installed
from mergeline.specs.interfaces import PACKAGES, SKLEARN, sklearn_interfaces

if TYPE_CHECKING:
    from mergeline.specs.interfaces import ModuleEntry


@dataclass(frozen=True, slots=True)
class Module:
    """What a module's source defines at its top, without what is in functions and classes."""

    text: str
    classes: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Does it have names that its source does not show?"""
        return "*" in self.imports or "__getattr__" in self.functions


def is_known(package: str) -> bool:
    """Tell whether it is known what is in a top-level package."""
    return is_installed(package) or _in_catalogue(package)


def _in_catalogue(package: str) -> bool:
    return package == PACKAGES[SKLEARN] and not is_installed(package)


@cache
def _roots(package: str) -> tuple[Path, ...]:
    """Return the folders of an installed top-level package."""
    spec = find_spec(package) if is_installed(package) else None
    return tuple(Path(each) for each in (spec and spec.submodule_search_locations) or ())


@cache
def submodules(package: str) -> frozenset[str] | None:
    """Return the names of the modules in a package; None if it is not a folder."""
    top, *below = package.split(".")
    if _in_catalogue(top):
        names = sklearn_interfaces().packages.get(package)
        return None if names is None else frozenset(names)
    folders = [folder for root in _roots(top) if (folder := root.joinpath(*below)).is_dir()]
    if not folders:
        return None
    suffixes = (".py", *EXTENSION_SUFFIXES)
    return frozenset(
        entry.name.partition(".")[0]
        for folder in folders
        for entry in folder.iterdir()
        if entry.name.endswith(suffixes) or entry.is_dir()
    )


@cache
def module_source(name: str) -> Module | None:
    """Read a module; None if it has no Python source."""
    top, *below = name.split(".")
    if _in_catalogue(top):
        entry = sklearn_interfaces().modules.get(name)
        return None if entry is None else _module(entry)
    for root in _roots(top):
        path = root.joinpath(*below)
        for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
            if file.is_file():
                package = name if file.name == "__init__.py" else name.rpartition(".")[0]
                return _read(file, package, name)
    return None


def _module(entry: ModuleEntry) -> Module:
    return Module(
        text="\n".join(entry.classes.values()),
        classes=frozenset(entry.classes),
        functions=frozenset(entry.functions),
        others=frozenset(entry.others),
        imports=dict(entry.imported()),
    )


def _read(file: Path, package: str, module: str) -> Module | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    head = _head(text)
    if head is None:
        return None
    return _summary(text, head, package, module)


# What a name can come from, where it stands at the very left: parsing only these is many times
# faster than parsing thousands of lines of code.
_TOP = re.compile(
    r"^(?:class (?P<class>\w+)|def (?P<function>\w+)|(?P<other>\w+)\s*(?::[^=\n]+)?=(?!=))",
    re.MULTILINE,
)
_IMPORT = re.compile(r"^[ \t]*(from\s+[\w.]+\s+import\s+(?:\([^)]*\)|[^\n(]+))", re.MULTILINE)


def _head(text: str) -> list[ast.ImportFrom] | None:
    statements = [match.group(1) for match in _IMPORT.finditer(text)]
    nodes = []
    for statement in statements:
        tree = parsed(statement)
        if tree is not None:
            nodes += [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return nodes


def _summary(text: str, head: list[ast.ImportFrom], package: str, module: str) -> Module:
    names: dict[str, set[str]] = {"class": set(), "function": set(), "other": set()}
    for match in _TOP.finditer(text):
        kind = match.lastgroup or "other"
        names[kind].add(match.group(kind))
    imports = {
        alias.asname or alias.name: (_absolute(node, package), alias.name)
        for node in head
        # What is imported from the module itself stands in an example of its text.
        if _absolute(node, package) != module
        for alias in node.names
    }
    return Module(
        text=text,
        classes=frozenset(names["class"]),
        functions=frozenset(names["function"]),
        others=frozenset(names["other"]),
        imports=imports,
    )


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parent = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parent, *([node.module] if node.module else [])])


def parsed(text: str) -> ast.Module | None:
    """Parse Python; None if it does not parse."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
