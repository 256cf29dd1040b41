"""Which policies the embedded engine can be trusted with.

regopy 1.5 evaluates some things to `undefined` without an error that OPA evaluates or refuses:
builtins that it lacks, and names that nothing defines. Undefined makes a deny rule pass, so a
policy that holds either is refused before it is asked anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.policy.builtins import builtins, outside_bound
from mergeline.policy.module import KEYWORDS, Reference, inside, references

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module, Rule
    from mergeline.policy.tokens import Token

_ROOTS = frozenset({"input", "data", "_"})
_OPERATORS = {
    "+": "plus",
    "-": "minus",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "and",
    "|": "or",
    "==": "equal",
    "!=": "neq",
    "<": "lt",
    "<=": "lte",
    ">": "gt",
    ">=": "gte",
    "in": "internal.member_2",
}
_TEMPLATE = "internal.template_string"
_USE_OPA = "evaluate it with OPA: MERGELINE_POLICY_ENGINE=opa"


def audit(library: PolicyLibrary) -> None:
    """Check that the embedded engine can be trusted with all modules of a library.

    Raises:
        ToolError: at the first place where it cannot, naming builtin or name, rule and line.
    """
    for module in library.modules.values():
        known = _ROOTS | library.rules_of(module.package) | set(module.imports)
        for rule in module.rules:
            _audit_rule(module, rule, known)


def _audit_rule(module: Module, rule: Rule, known: frozenset[str] | set[str]) -> None:
    for token, name in _operators(rule.tokens):
        _require_proven(module, rule, token, name)
    bound = _bound(rule.tokens)
    for index, reference in enumerate(references(rule.tokens)):
        if index == 0 and reference.token.text == rule.name:
            continue
        _audit_reference(module, rule, reference, known | bound)


def _audit_reference(
    module: Module, rule: Rule, reference: Reference, known: frozenset[str] | set[str]
) -> None:
    name = reference.name
    if reference.called and not reference.whole:
        raise _refuse(module, rule, reference.token, f"calls {name}[…], whose name is not plain")
    named = reference.called or reference.mocked or "." in name
    if named and reference.whole and builtins().knows(name):
        _require_proven(module, rule, reference.token, name)
        if not reference.called:
            raise _refuse(module, rule, reference.token, f"uses {name} without calling it")
        why = outside_bound(name, reference.arguments)
        if why is not None:
            raise _refuse(module, rule, reference.token, f"calls {name} {why}")
    elif reference.parts[0] not in known:
        raise _refuse(
            module, rule, reference.token, f"uses {name}, which nothing defines", hint=None
        )


def _require_proven(module: Module, rule: Rule, token: Token, name: str) -> None:
    if name in builtins().usable:
        return
    why = builtins().refused.get(name, "it is not known")
    raise _refuse(
        module,
        rule,
        token,
        f"calls {name}, which the embedded engine is not proven to evaluate like OPA ({why})",
    )


def _refuse(
    module: Module, rule: Rule, token: Token, what: str, hint: str | None = _USE_OPA
) -> ToolError:
    return ToolError(
        f"policy {module.package}.{rule.name} {what}",
        hint=hint or "define it, import it, or correct its name",
        location=module.location(token),
    )


def _operators(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    for token in tokens:
        if token.kind == "template":
            yield token, _TEMPLATE
            yield from _operators(token.inside)
        elif token.kind in {"symbol", "name"} and token.text in _OPERATORS:
            yield token, _OPERATORS[token.text]


def _bound(tokens: Sequence[Token]) -> set[str]:
    """Collect the names that a rule may bind: declared, assigned, unified, or used as index."""
    bound: set[str] = set()
    for index, token in enumerate(tokens):
        if token.is_symbol(":=", "="):
            bound |= _names_left(tokens, index)
            if token.text == "=":
                bound |= _names_right(tokens, index)
        elif token.is_name("some", "every"):
            bound |= _names_declared(tokens, index)
        elif _opens_index(tokens, index) or _opens_arguments(tokens, index):
            bound |= _plain_names(inside(tokens, index))
        elif token.kind == "template":
            bound |= _bound(token.inside)
    return bound


def _opens_index(tokens: Sequence[Token], index: int) -> bool:
    before = tokens[index - 1]
    return (
        index > 0
        and tokens[index].is_symbol("[")
        and before.end == tokens[index].start
        and (before.is_symbol("]", ")", "}") or before.kind == "name")
    )


def _opens_arguments(tokens: Sequence[Token], index: int) -> bool:
    return tokens[index].is_symbol("(") and index == _head_end(tokens)


def _head_end(tokens: Sequence[Token]) -> int:
    """Return the index after a head's name: where a function's arguments open."""
    index = 1 if tokens[0].is_name("default") else 0
    while index + 2 < len(tokens) and tokens[index + 1].is_symbol("."):
        index += 2
    return index + 1


def _names_left(tokens: Sequence[Token], index: int) -> set[str]:
    before = index - 1
    if before >= 0 and tokens[before].is_symbol("]", "}"):
        depth = 0
        names = set()
        while before >= 0:
            token = tokens[before]
            depth += token.is_symbol("]", "}", ")") - token.is_symbol("[", "{", "(")
            names |= _plain_names([token])
            if depth == 0:
                break
            before -= 1
        return names
    return _plain_names(tokens[max(before, 0) : index])


def _names_right(tokens: Sequence[Token], index: int) -> set[str]:
    after = index + 1
    if after < len(tokens) and tokens[after].is_symbol("[", "{"):
        return _plain_names(inside(tokens, after))
    alone = after + 1 >= len(tokens) or not tokens[after + 1].is_symbol(".", "[", "(")
    return _plain_names(tokens[after : after + 1]) if alone else set()


def _names_declared(tokens: Sequence[Token], index: int) -> set[str]:
    names: set[str] = set()
    for token in tokens[index + 1 :]:
        if token.is_name("in") or token.is_symbol(";", ":=") or (names and token.first):
            break
        names |= _plain_names([token])
    return names


def _plain_names(tokens: Sequence[Token]) -> set[str]:
    return {token.text for token in tokens if token.kind == "name" and token.text not in KEYWORDS}
