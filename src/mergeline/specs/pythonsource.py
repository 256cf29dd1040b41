"""What a Python package defines, read from its source without importing it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

_MOST_STEPS = 16  # of re-exports and base classes, so that a circle ends
_BLOCK_END = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Missing:
    """The part of a dotted path that is not there.

    Attributes:
        message: what is not there.
        word: the part.
        known: what is there in its place.
    """

    message: str
    word: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Class:
    """A class, by the module and the name that define it."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class _Module:
    """What a module's source defines at its top, without what is in functions and classes."""

    text: str
    classes: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    open: bool = False  # does it have names that its source does not show?


def find_class(path: str) -> Class | Missing | None:
    """Find the class at a dotted path; None if the source does not tell.

    Args:
        path: such as `sklearn.linear_model.LogisticRegression`.
    """
    module, _, name = path.rpartition(".")
    missing = _missing_module(module)
    source = None if missing else _module(module)
    if source is None:
        return missing
    found = _follow(module, name)
    if found is None or isinstance(found, Class):
        return found
    known = tuple(sorted({*source.classes, *source.imports}))
    if found == "function":
        return Missing(f"{path} is a function, not a class", name, known)
    return Missing(f'{module} has no class "{name}"', name, known)


def public_functions(module: str) -> tuple[str, ...] | None:
    """Return the names that a module defines or imports; None if its source does not tell."""
    source = _module(module)
    if source is None:
        return None
    return tuple(sorted({*source.functions, *source.imports, *source.others}))


@cache
def class_parameters(path: str) -> tuple[str, ...] | None:
    """Return the parameters of the constructor of a class; None if its source does not tell."""
    found = find_class(path)
    return _parameters(found, _MOST_STEPS) if isinstance(found, Class) else None


def _follow(
    module: str, name: str, steps: int = _MOST_STEPS
) -> Class | Literal["function", "nothing"] | None:
    """Go through re-exports to where a name is defined; None if the source does not tell."""
    source = _module(module)
    if source is None or not steps:
        return None
    if name in source.classes:
        return Class(module, name)
    if name in source.imports:
        origin, original = source.imports[name]
        return _follow(origin, original, steps - 1)
    if name in source.functions:
        return "function"
    return None if source.open or name in source.others else "nothing"


def _parameters(found: Class, steps: int) -> tuple[str, ...] | None:
    source = _module(found.module)
    definition = _definition(source, found.name) if source else None
    if definition is None or not steps:
        return None
    for node in definition.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return _arguments(node)
    for base in definition.bases:
        if not isinstance(base, ast.Name):
            return None
        parent = _follow(found.module, base.id)
        if not isinstance(parent, Class):
            return None
        inherited = _parameters(parent, steps - 1)
        if inherited is not None:
            return inherited
    return None


def _arguments(function: ast.FunctionDef) -> tuple[str, ...] | None:
    arguments = function.args
    if arguments.kwarg or arguments.vararg:
        return None
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return tuple(argument.arg for argument in every[1:])


def _definition(source: _Module, name: str) -> ast.ClassDef | None:
    """Parse one class. A module of scikit-learn has thousands of lines; a class, hundreds."""
    begin = re.search(rf"^class {re.escape(name)}\b", source.text, re.MULTILINE)
    if begin is None:
        return None
    end = _BLOCK_END.search(source.text, begin.end())
    block = source.text[begin.start() : end.start() if end else None]
    tree = _parsed(block)
    if tree is None:
        tree = _parsed(source.text)
    nodes = ast.walk(tree) if tree else iter(())
    return next((n for n in nodes if isinstance(n, ast.ClassDef) and n.name == name), None)


def _missing_module(module: str) -> Missing | None:
    parts = module.split(".")
    if not _is_installed(parts[0]):
        return Missing(f'there is no package "{parts[0]}" here', parts[0], ("sklearn",))
    for count in range(2, len(parts) + 1):
        parent, name = ".".join(parts[: count - 1]), parts[count - 1]
        modules = _submodules(parent)
        if modules is None:
            return None
        if name not in modules:
            public = tuple(sorted(each for each in modules if not each.startswith("_")))
            return Missing(f'{parent} has no module "{name}"', name, public)
    return None


@cache
def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


@cache
def _roots(package: str) -> tuple[Path, ...]:
    """Return the folders of an installed top-level package."""
    spec = find_spec(package) if _is_installed(package) else None
    return tuple(Path(each) for each in (spec and spec.submodule_search_locations) or ())


@cache
def _submodules(package: str) -> frozenset[str] | None:
    """Return the names of the modules in a package; None if it is not a folder."""
    top, *below = package.split(".")
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
def _module(name: str) -> _Module | None:
    top, *below = name.split(".")
    for root in _roots(top):
        path = root.joinpath(*below)
        for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
            if file.is_file():
                package = name if file.name == "__init__.py" else name.rpartition(".")[0]
                return _read(file, package)
    return None


def _read(file: Path, package: str) -> _Module | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    head = _head(text)
    if head is None:
        return None
    return _summary(text, head, package)


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
        tree = _parsed(statement)
        if tree is not None:
            nodes += [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return nodes


def _summary(text: str, head: list[ast.ImportFrom], package: str) -> _Module:
    names: dict[str, set[str]] = {"class": set(), "function": set(), "other": set()}
    for match in _TOP.finditer(text):
        kind = match.lastgroup or "other"
        names[kind].add(match.group(kind))
    imports = {
        alias.asname or alias.name: (_absolute(node, package), alias.name)
        for node in head
        for alias in node.names
    }
    return _Module(
        text=text,
        classes=frozenset(names["class"]),
        functions=frozenset(names["function"]),
        others=frozenset(names["other"]),
        imports=imports,
        open="*" in imports or "__getattr__" in names["function"],
    )


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parent = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parent, *([node.module] if node.module else [])])


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
