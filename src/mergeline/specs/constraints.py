"""Which values scikit-learn takes for a parameter, read from its source without importing it.

Its classes say so in `_parameter_constraints`, for its own checks at the moment of fitting. What
is not plainly written there (a name that is computed, a class of some module) is taken to fit:
fitting says it then.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from mergeline.specs.pythonsource import Class, ancestors, definition_of, find_class

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = "_parameter_constraints"
_MOST_STEPS = 16
_NUMBERS = {"Integral": (int,), "Real": (int, float), "RealNotInt": (float,)}
_WORDS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "array-like": (list,),
    "random_state": (int, type(None)),
    "verbose": (bool, int),
}
# What no value of YAML is.
_NEVER = ("callable", "BaseEstimator", "BaseLoss", "HasMethods")
_TYPES: dict[str, tuple[type, ...]] = {"dict": (dict,), "list": (list,), "str": (str,)}

Constraints = tuple[ast.expr, ...]


@cache
def parameter_constraints(path: str) -> Mapping[str, Constraints]:
    """Return what the parameters of a class are held to; those that the source tells.

    Args:
        path: the dotted path of the class.
    """
    found = find_class(path)
    return _table(found, _MOST_STEPS) if isinstance(found, Class) else {}


def fits(value: object, constraints: Constraints) -> bool:
    """Tell whether a value is taken by one of the constraints, or may be."""
    return any(_fits(value, each) for each in constraints)


def choices(constraints: Constraints) -> list[str]:
    """Return the words that may be written."""
    return sorted({word for each in constraints for word in _options(each) or ()})


def _table(found: Class, steps: int) -> dict[str, Constraints]:
    definition = definition_of(found)
    if definition is None or not steps:
        return {}
    tables = [node for node in definition.body if _TABLE in _assigned(node)]
    if not tables:
        return next(filter(None, (_table(base, steps - 1) for base in ancestors(found))), {})
    rows: dict[str, Constraints] = {}
    for node in filter(mentions_constraints, definition.body):
        changed = _changed(found, node, rows, steps)
        if changed is None:
            return {}
        rows = changed
    return rows


def _rows(found: Class, table: ast.Dict, steps: int) -> dict[str, Constraints]:
    rows: dict[str, Constraints] = {}
    for key, value in zip(table.keys, table.values, strict=True):
        if key is None:
            rows |= _spread(found, value, steps)
        elif isinstance(key, ast.Constant) and isinstance(value, ast.List):
            rows[str(key.value)] = tuple(value.elts)
        elif isinstance(key, ast.Constant):
            rows.pop(str(key.value), None)
    return rows


def _spread(found: Class, value: ast.expr, steps: int) -> dict[str, Constraints]:
    """Follow `**Base._parameter_constraints`."""
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        base = find_class(f"{found.module}.{value.value.id}")
        if isinstance(base, Class):
            return _table(base, steps - 1)
    return {}


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _changed(
    found: Class, node: ast.stmt, rows: dict[str, Constraints], steps: int
) -> dict[str, Constraints] | None:
    """Return the table after a statement; None if that does what is not understood here."""
    match node:
        case ast.AnnAssign(value=ast.Dict() as table) | ast.Assign(value=ast.Dict() as table):
            return _rows(found, table, steps)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="update"), args=[ast.Dict() as table])
        ):
            return rows | _rows(found, table, steps)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="pop"), args=[name, *_])):
            names = [name]
        case ast.For(
            iter=ast.List(elts=names),
            body=[ast.Expr(value=ast.Call(func=ast.Attribute(attr="pop")))],
        ):
            pass
        case _:
            return None
    gone = [each.value for each in names if isinstance(each, ast.Constant)]
    return {name: row for name, row in rows.items() if name not in gone}


def mentions_constraints(node: ast.stmt) -> bool:
    """Tell whether a statement of a class makes or changes its table of constraints."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return any(isinstance(each, ast.Name) and each.id == _TABLE for each in ast.walk(node))


def _fits(value: object, constraint: ast.expr) -> bool:
    match constraint:
        case ast.Constant(value=None):
            return value is None
        case ast.Constant(value=str() as word):
            return word not in _WORDS or isinstance(value, _WORDS[word])
        case ast.Name(id=name):
            return _of_type(value, name)
        case ast.Call(func=ast.Name(id="Hidden"), args=[inner, *_]):
            return _fits(value, inner)
        case ast.Call(func=ast.Name(id="Interval"), args=[ast.Name(id=number), low, high]):
            return _within(value, number, low, high, _closed(constraint))
        case ast.Call(func=ast.Name(id=name)) if name in _NEVER:
            return False
        case _:
            options = _options(constraint)
            return options is None or (isinstance(value, str) and value in options)


def _of_type(value: object, name: str) -> bool:
    types = _TYPES.get(name) or _NUMBERS.get(name)
    return isinstance(value, types) if types else name not in _NEVER


def _options(constraint: ast.expr) -> set[str] | None:
    """Return the words of a StrOptions; None if it is something else or does not say them."""
    match constraint:
        case ast.Call(func=ast.Name(id="StrOptions"), args=[ast.Set(elts=words), *_]):
            return {word.value for word in words if _is_word(word)}  # type: ignore[attr-defined]
        case _:
            return None


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _closed(call: ast.Call) -> str:
    for keyword in call.keywords:
        if keyword.arg == "closed" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return "both"


def _within(value: object, number: str, low: ast.expr, high: ast.expr, closed: str) -> bool:
    if not isinstance(value, _NUMBERS.get(number, (object,))):
        return False
    if not isinstance(value, (int, float)):
        return True
    least, most = _bound(low), _bound(high)
    above = least is None or value > least or (value == least and closed in ("left", "both"))
    below = most is None or value < most or (value == most and closed in ("right", "both"))
    return above and below


def _bound(node: ast.expr) -> float | None:
    """Return a bound; None where there is none, or it is computed."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
    return value if isinstance(value, (int, float)) else None
