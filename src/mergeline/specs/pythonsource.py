"""What a Python package defines, read from its source without importing it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mergeline.specs.pythonmodule import Module, is_known, module_source, parsed, submodules

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


def find_class(path: str) -> Class | Missing | None:
    """Find the class at a dotted path; None if the source does not tell.

    Args:
        path: such as `sklearn.linear_model.LogisticRegression`.
    """
    module, _, name = path.rpartition(".")
    missing = _missing_module(module)
    source = None if missing else module_source(module)
    if source is None:
        return missing
    found = _follow(module, name)
    if found is None or isinstance(found, Class):
        return found
    known = tuple(sorted({*source.classes, *source.imports}))
    if found == "function":
        return Missing(f"{path} is a function, not a class", name, known)
    return Missing(f'{module} has no class "{name}"', name, known)


@cache
def class_parameters(path: str) -> tuple[str, ...] | None:
    """Return the parameters of the constructor of a class; None if its source does not tell."""
    found = find_class(path)
    return _parameters(found, _MOST_STEPS) if isinstance(found, Class) else None


def _follow(
    module: str, name: str, steps: int = _MOST_STEPS
) -> Class | Literal["function", "nothing"] | None:
    """Go through re-exports to where a name is defined; None if the source does not tell."""
    source = module_source(module)
    if source is None or not steps:
        return None
    if name in source.classes:
        return Class(module, name)
    if name in source.imports:
        origin, original = source.imports[name]
        if not is_known(origin.partition(".")[0]):
            return "nothing"  # of a library that is not installed
        return _follow(origin, original, steps - 1)
    if name in source.functions:
        return "function"
    return None if source.open or name in source.others else "nothing"


@cache
def definition_of(found: Class) -> ast.ClassDef | None:
    """Return the code of a class; None if its source does not show it."""
    source = module_source(found.module)
    return _definition(source, found.name) if source else None


def ancestors(found: Class) -> list[Class]:
    """Return the classes that a class says it is made of, in their order; those that are found."""
    definition = definition_of(found)
    names = (
        [base.id for base in definition.bases if isinstance(base, ast.Name)] if definition else []
    )
    parents = (_follow(found.module, name) for name in names)
    return [parent for parent in parents if isinstance(parent, Class)]


def _parameters(found: Class, steps: int) -> tuple[str, ...] | None:
    definition = definition_of(found)
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


def _definition(source: Module, name: str) -> ast.ClassDef | None:
    """Parse one class. A module of scikit-learn has thousands of lines; a class, hundreds."""
    begin = re.search(rf"^class {re.escape(name)}\b", source.text, re.MULTILINE)
    if begin is None:
        return None
    end = _BLOCK_END.search(source.text, begin.end())
    block = source.text[begin.start() : end.start() if end else None]
    tree = parsed(block)
    if tree is None:
        tree = parsed(source.text)
    nodes = ast.walk(tree) if tree else iter(())
    return next((n for n in nodes if isinstance(n, ast.ClassDef) and n.name == name), None)


def _missing_module(module: str) -> Missing | None:
    parts = module.split(".")
    if not is_known(parts[0]):
        return Missing(f'there is no package "{parts[0]}" here', parts[0], ("sklearn",))
    for count in range(2, len(parts) + 1):
        parent, name = ".".join(parts[: count - 1]), parts[count - 1]
        modules = submodules(parent)
        if modules is None:
            return None
        if name not in modules:
            public = tuple(sorted(each for each in modules if not each.startswith("_")))
            return Missing(f'{parent} has no module "{name}"', name, public)
    return None
