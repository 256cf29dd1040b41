"""Which names a rule binds: a lenient reading, for finding those that nothing defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.policy.references import KEYWORDS, inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.policy.tokens import Token


def declared(tokens: Sequence[Token]) -> set[str]:
    """Collect the names that a rule makes its own: assigned, after some or every, arguments.

    The name of the rule itself is among them if its head assigns.
    """
    opening = _head_end(tokens)
    arguments = opening < len(tokens) and tokens[opening].is_symbol("(")
    names = _plain_names(inside(tokens, opening)) if arguments else set()
    return names | _declared_in_body(tokens)


def _declared_in_body(tokens: Sequence[Token]) -> set[str]:
    names: set[str] = set()
    for index, token in enumerate(tokens):
        if token.is_symbol(":="):
            names |= _names_left(tokens, index)
        elif token.is_name("some", "every"):
            names |= _names_declared(tokens, index)
        elif token.kind == "template":
            names |= _declared_in_body(token.inside)
    return names


def bound(tokens: Sequence[Token]) -> set[str]:
    """Collect the names that a rule may bind: declared, unified, or used as an index."""
    return declared(tokens) | _bound_in_body(tokens)


def _bound_in_body(tokens: Sequence[Token]) -> set[str]:
    names: set[str] = set()
    for index, token in enumerate(tokens):
        if token.is_symbol("="):
            names |= _names_left(tokens, index) | _names_right(tokens, index)
        elif _opens_index(tokens, index):
            names |= _plain_names(inside(tokens, index))
        elif token.kind == "template":
            names |= _bound_in_body(token.inside)
    return names


def _opens_index(tokens: Sequence[Token], index: int) -> bool:
    before = tokens[index - 1]
    return (
        index > 0
        and tokens[index].is_symbol("[")
        and before.end == tokens[index].start
        and (before.is_symbol("]", ")", "}") or before.kind == "name")
    )


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
