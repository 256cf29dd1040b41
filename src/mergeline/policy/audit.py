"""Which policies the embedded engine can be trusted with.

regopy 1.5 evaluates some things to `undefined` without an error that OPA evaluates or refuses:
builtins that it lacks, names that nothing defines, variables named like a rule. Undefined makes a
deny rule pass, so a policy that holds any of these is refused before it is asked anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.policy.bindings import bound, declared
from mergeline.policy.builtins import builtins, outside_bound
from mergeline.policy.references import Reference, references

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
    for token in rule.tokens:
        if token.is_name("with"):
            raise _refuse(module, rule, token, "uses `with`, which can bring regopy down")
    _audit_shadows(module, rule, known)
    names = known | bound(rule.tokens)
    for index, reference in enumerate(references(rule.tokens)):
        if index == 0 and reference.token.text == rule.name:
            continue
        _audit_reference(module, rule, reference, names)


def _audit_shadows(module: Module, rule: Rule, known: frozenset[str] | set[str]) -> None:
    shadows = sorted((declared(rule.tokens) & known) - _ROOTS - {rule.name})
    if shadows:
        raise _refuse(
            module,
            rule,
            rule.tokens[0],
            f"gives a variable the name of a rule or import: {', '.join(shadows)}",
            hint="rename the variable",
        )


def _audit_reference(
    module: Module, rule: Rule, reference: Reference, known: frozenset[str] | set[str]
) -> None:
    name = reference.name
    if reference.called and not reference.whole:
        raise _refuse(module, rule, reference.token, f"calls {name}[…], whose name is not plain")
    named = reference.called or "." in name
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
