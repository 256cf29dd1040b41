"""What a rule refers to: every name, every path below it, every call.

So that each call of a builtin is found, and each name that nothing defines, which the embedded
engine would take for undefined, and so for a yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.policy.tokens import Token

KEYWORDS = frozenset(
    {"as", "contains", "default", "else", "every", "false", "if", "import", "in"}
    | {"not", "null", "package", "some", "true", "with"}
)
_OPENING = ("(", "[", "{")
_CLOSING = (")", "]", "}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a rule: `input.specs.model`, `count(…)`, `time["now_ns"]`.

    Attributes:
        token: its first token.
        parts: its leading parts that are plain names: `("time", "now_ns")`.
        called: is it called as a function?
        whole: do the parts say all of it, or does a variable index follow?
        arguments: the tokens between the parentheses of the call.
    """

    token: Token
    parts: tuple[str, ...]
    called: bool
    whole: bool
    arguments: tuple[Token, ...] = ()

    @property
    def name(self) -> str:
        """The parts, dotted."""
        return ".".join(self.parts)


def references(tokens: Sequence[Token]) -> Iterator[Reference]:
    """Find the references in some tokens, those inside template strings and indices too.

    Keys after a dot are parts of the reference before them, and no references themselves.
    """
    for index, token in enumerate(tokens):
        if token.kind == "template":
            yield from references(token.inside)
        after_dot = index > 0 and tokens[index - 1].is_symbol(".")
        if token.kind == "name" and not after_dot and token.text not in KEYWORDS:
            yield _reference(tokens, index)
        elif token.is_name("contains") and _called(tokens, index + 1):
            inner = inside(tokens, index + 1)
            yield Reference(token, ("contains",), called=True, whole=True, arguments=inner)


def _reference(tokens: Sequence[Token], index: int) -> Reference:
    parts = [tokens[index].text]
    at = index + 1
    while (length := _plain_part(tokens, at)) > 0:
        parts.append(tokens[at + 1].text)
        at += length
    end = _end(tokens, at)
    called = _called(tokens, end)
    arguments = inside(tokens, end) if called else ()
    return Reference(tokens[index], tuple(parts), called, end == at, arguments)


def _plain_part(tokens: Sequence[Token], at: int) -> int:
    """Return how many tokens make a part that is a plain name; 0 if there is none."""
    if at + 1 < len(tokens) and tokens[at].is_symbol(".") and tokens[at + 1].kind == "name":
        return 2
    return 3 if _is_text_index(tokens, at) else 0


def _end(tokens: Sequence[Token], at: int) -> int:
    """Return where a reference ends, whatever its indices hold."""
    while at < len(tokens) and _adjacent(tokens, at, "[", "."):
        at += len(inside(tokens, at)) + 2 if tokens[at].text == "[" else 2
    return at


def inside(tokens: Sequence[Token], opening: int) -> tuple[Token, ...]:
    """Return what stands between an opening bracket and the one that closes it."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += tokens[index].is_symbol(*_OPENING) - tokens[index].is_symbol(*_CLOSING)
        if depth == 0:
            return tuple(tokens[opening + 1 : index])
    return tuple(tokens[opening + 1 :])


def _is_text_index(tokens: Sequence[Token], at: int) -> bool:
    return (
        at + 2 < len(tokens)
        and tokens[at].is_symbol("[")
        and tokens[at].start == tokens[at - 1].end
        and tokens[at + 1].kind == "string"
        and tokens[at + 2].is_symbol("]")
    )


def _called(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and _adjacent(tokens, at, "(")


def _adjacent(tokens: Sequence[Token], at: int, *symbols: str) -> bool:
    return tokens[at].is_symbol(*symbols) and tokens[at].start == tokens[at - 1].end
