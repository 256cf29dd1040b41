"""Which rule ids the engine's code can give to a finding, read from its syntax trees.

Whatever is handed to a parameter called `rule` (of a function, a method or a class) is one.
Names are followed to what is assigned to them; a parameter `rule` that is handed on was
counted where it was given. What cannot be followed is returned too, for a test to refuse.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARAMETER = "rule"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Raised:
    """The ids that code gives, each with the files that do; and the places not understood."""

    files: dict[str, set[str]] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)


def raised_in(package: Path) -> Raised:
    """Read every module of a package."""
    trees = {
        path.relative_to(package).as_posix(): ast.parse(path.read_bytes())
        for path in sorted(package.rglob("*.py"))
    }
    takers = {file: _takers(tree) for file, tree in trees.items()}
    given: dict[str, set[str]] = {}
    raised = Raised()
    # Twice: what a function makes of its parameter is known once all its callers were seen.
    for last in (False, True):
        for file, tree in trees.items():
            in_reach = _in_reach(file, tree, takers)
            for call, home in _calls(tree, None):
                name = _name(call.func)
                if name not in in_reach or _is_other(call):
                    continue
                value = _argument(call, in_reach[name])
                ids = None if value is None else _ids(value, home, given)
                if ids is not None:
                    given.setdefault(name, set()).update(ids)
                    for one in ids:
                        raised.files.setdefault(one, set()).add(file)
                elif last:
                    raised.unclear.append(f"{file}:{call.lineno}")
    return raised


def _is_other(call: ast.Call) -> bool:
    """Is this a method `finding` that is not a document's, which takes a message as well?"""
    return _name(call.func) == "finding" and len(call.args) + len(call.keywords) < 2


def _in_reach(file: str, tree: ast.Module, takers: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return what takes a rule under the names that a module has for it.

    Methods called `finding` are all taken for those of documents.
    """
    reach = {"Finding": 0, "finding": 0} | takers[file]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mergeline."):
            path = node.module.removeprefix("mergeline.").replace(".", "/")
            own = takers.get(f"{path}.py") or takers.get(f"{path}/__init__.py") or {}
            reach |= {one.name: own[one.name] for one in node.names if one.name in own}
    return reach


def _takers(tree: ast.Module) -> dict[str, int]:
    """Return the position of `rule` among the arguments of what takes one, by name."""
    takers: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function) and inner.name == "__init__":
                    takers |= _taker(node.name, inner)
        elif isinstance(node, Function) and "Finding" in _returned(node):
            takers |= _taker(node.name, node)
    return takers


def _returned(function: Function) -> str:
    """Return what a function gives: findings, or an error that holds them."""
    text = "" if function.returns is None else ast.unparse(function.returns)
    return text.replace("StepFailedError", "Finding")


def _taker(name: str, function: Function) -> dict[str, int]:
    arguments = [argument for argument in function.args.args if argument.arg != "self"]
    for position, argument in enumerate(arguments):
        if argument.arg == PARAMETER and _is_text(argument.annotation):
            return {name: position}
    return {}


def _is_text(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "str"


def _calls(node: ast.AST, home: Function | None) -> Iterator[tuple[ast.Call, Function | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, home
        yield from _calls(child, child if isinstance(child, Function) else home)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _argument(call: ast.Call, position: int) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == PARAMETER:
            return keyword.value
    return call.args[position] if position < len(call.args) else None


def _ids(value: ast.expr, home: Function | None, given: dict[str, set[str]]) -> set[str] | None:
    """Return what a value can be, empty if it is handed on, or None if that is not clear."""
    match value:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return _either([_ids(each, home, given) for each in (one, other)])
        case ast.Attribute(attr="rule" | "id"):
            return set()
        case ast.Name(id="rule") if home is not None and "rule" in {
            argument.arg for argument in home.args.args
        }:
            return set()
        case ast.Name(id=name) if home is not None and _is_kept(name, home):
            return set()
        case ast.Name(id=name) if home is not None:
            return _either([_ids(each, home, given) for each in _assigned(name, home)])
        case ast.Call(func=ast.Attribute(value=ast.Name(id="rule"), attr="replace")):
            before, after = (part.value for part in value.args[:2])
            return {one.replace(before, after, 1) for one in given.get(home.name, set())}
        case ast.Subscript(value=ast.Subscript(value=ast.Name(id=name)), slice=ast.Constant()):
            place = value.slice.value
            rows = [row for table in _assigned(name, home) for row in table.values]
            return {row.elts[place].value for row in rows}
    return None


def _is_kept(name: str, home: Function) -> bool:
    """Does a name run over what an object keeps of findings that were made before?"""
    return any(
        isinstance(node, ast.comprehension)
        and isinstance(node.iter, ast.Attribute)
        and name in {part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)}
        for node in ast.walk(home)
    )


def _assigned(name: str, home: Function) -> list[ast.expr]:
    values = []
    for node in ast.walk(home):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                values += _part(target, node.value, name)
    return values


def _part(target: ast.expr, value: ast.expr, name: str) -> list[ast.expr]:
    """Return what an assignment gives to a name, on its own or among others."""
    if isinstance(target, ast.Name) and target.id == name:
        return [value]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
        return [part for one, other in pairs for part in _part(one, other, name)]
    return []


def _either(found: list[set[str] | None]) -> set[str] | None:
    if not found or any(ids is None for ids in found):
        return None
    return set().union(*found)
