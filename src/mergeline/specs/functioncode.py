"""What a function of a model folder does: its code, and all of its file that this depends on.

Comments, layout and docstrings are no part of it, nor are the names of file and function. What
the function reaches by name is: other functions, classes, constants, imports. So is what runs
when the file is loaded (a call, a decorator, a condition, a changed table): it may matter to
anything in it. A function that looks its names up at run time depends on the whole file.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from mergeline.digest import digest_bytes, digest_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOOKS_UP = frozenset(
    ("compile", "eval", "exec", "globals", "importlib", "inspect", "locals", "sys", "vars")
) | {"__import__"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


@lru_cache(maxsize=256)
def code_digest(content: bytes, name: str) -> str:
    """Return a digest of what a function does; the same on one version of Python only.

    Args:
        content: the Python file.
        name: the function. One that is not found depends on the whole file, and a file that is
            no Python on each of its bytes: what is wrong with them is said elsewhere.
    """
    try:
        body = ast.parse(content).body
        return digest_json([ast.dump(node) for node in _code(body, name)])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return digest_bytes(content)


def _code(body: list[ast.stmt], name: str) -> list[ast.AST]:
    body = [node for node in body if not _is_word(node)]
    for node in body:
        _without_docstrings(node)
    found = [node for node in body if name in _bound(node)]
    needed = _reached(body, found)
    if not found or any(_LOOKS_UP & _used(node) for node in needed):
        needed = body
    if len(found) == 1 and isinstance(found[0], ast.FunctionDef):
        # Its own name is where it stands, not what it does.
        function = found[0]
        parts = [function.args, *function.decorator_list, *function.body]
        return [*parts, *(node for node in needed if node is not function)]
    return list(needed)


def _reached(body: list[ast.stmt], start: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that some need, in their order, and those that run by themselves."""
    needed = {*start, *(node for node in body if _runs(node))}
    left = list(needed)
    while left:
        used = _used(left.pop())
        more = [node for node in body if node not in needed and used & _bound(node)]
        needed.update(more)
        left += more
    return [node for node in body if node in needed]


def _used(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a file may bind."""
    if isinstance(node, _DEFINITIONS):
        return {node.name}
    names: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load):
            names.add(one.id)
        elif isinstance(one, _DEFINITIONS):
            names.add(one.name)
        elif isinstance(one, ast.alias):
            names.add(one.asname or one.name.partition(".")[0])
    return names


def _runs(node: ast.stmt) -> bool:
    """Tell whether a statement may do more, when the file is loaded, than bind its names."""
    if isinstance(node, ast.Import):
        return False
    if isinstance(node, ast.ImportFrom):
        return any(one.name == "*" for one in node.names)
    if isinstance(node, _FUNCTIONS):
        return bool(node.decorator_list) or _calls(node.args)
    if isinstance(node, ast.ClassDef):
        around = [*node.decorator_list, *node.keywords, *(one for one in node.bases if _calls(one))]
        return bool(around) or any(_runs(one) for one in node.body)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return _calls(node) or not all(isinstance(one, ast.Name) for one in targets)
    return not isinstance(node, ast.Pass)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Call) for one in _now(node))


def _now(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what is evaluated at once: not the body of a lambda."""
    yield node
    if not isinstance(node, ast.Lambda):
        for one in ast.iter_child_nodes(node):
            yield from _now(one)


def _is_word(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _without_docstrings(node: ast.stmt) -> None:
    for one in ast.walk(node):
        if isinstance(one, _DEFINITIONS) and ast.get_docstring(one, clean=False) is not None:
            one.body = one.body[1:] or [ast.Pass()]
