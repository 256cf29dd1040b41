"""A Rego module, cut into its package, imports and rules.

This is no compiler: it knows just enough to name a rule in an error and to audit what it calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.policy.tokens import RegoTextError, Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPENING = ("(", "[", "{")
_CLOSING = (")", "]", "}")
_GO_ON_AFTER = ("as", "contains", "default", "every", "if", "in", "not", "some", "with", "else")
_GO_ON_WITH = ("else", "if", "contains", "with", "as", "in")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule (one of possibly several with the same name).

    Attributes:
        name: the first part of its head: `deny`.
        tokens: the whole of it.
    """

    name: str
    tokens: tuple[Token, ...]

    @property
    def line(self) -> int:
        """The line of its head, from 1."""
        return self.tokens[0].line


@dataclass(frozen=True, slots=True)
class Module:
    """A Rego file.

    Attributes:
        path: the file, relative to the repository's root.
        text: its text.
        package: its package, dotted.
        imports: alias to the path that it stands for.
        rules: its rules, in order.
    """

    path: str
    text: str
    package: str
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def location(self, token: Token) -> Location:
        """Return the place of a token."""
        return Location(self.path, token.line, token.column)


def read_module(path: str, content: bytes) -> Module:
    """Read a Rego file.

    Raises:
        ToolError: it is not UTF-8, cannot be cut into tokens, or names no package.
    """
    try:
        text = content.decode()
        tokens = tokenize(text)
    except UnicodeDecodeError:
        raise ToolError("the policy is not UTF-8", location=Location(path)) from None
    except RegoTextError as error:
        place = Location(path, error.line, error.column)
        raise ToolError(f"the policy cannot be read: {error.message}", location=place) from None
    statements = list(_statements(tokens))
    if not statements or not statements[0][0].is_name("package"):
        raise ToolError(
            "the policy names no package",
            hint="begin the file with: package mergeline.model",
            location=Location(path),
        )
    package = ".".join(_path(statements[0][1:]))
    imports = dict(_import(one) for one in statements if one[0].is_name("import"))
    rules = [_rule(one) for one in statements[1:] if not one[0].is_name("import")]
    return Module(path, text, package, imports, tuple(rules))


def _statements(tokens: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    start, depth = 0, 0
    for index, token in enumerate(tokens):
        if index > start and depth == 0 and _begins(token, tokens[index - 1]):
            yield tuple(tokens[start:index])
            start = index
        depth += token.is_symbol(*_OPENING) - token.is_symbol(*_CLOSING)
    if tokens:
        yield tuple(tokens[start:])


def _begins(token: Token, before: Token) -> bool:
    if token.is_symbol(";"):
        return False
    if before.is_symbol(";"):
        return True
    goes_on = token.is_name(*_GO_ON_WITH) or token.kind == "symbol"
    unfinished = before.is_name(*_GO_ON_AFTER) or (
        before.kind == "symbol" and not before.is_symbol(*_CLOSING)
    )
    return token.first and not goes_on and not unfinished


def _path(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens if token.kind in {"name", "string"})


def _import(statement: Sequence[Token]) -> tuple[str, tuple[str, ...]]:
    parts = _path(statement[1:])
    if len(parts) > 2 and statement[-2].is_name("as"):
        return parts[-1], parts[:-2]
    return parts[-1] if parts else "", parts


def _rule(statement: tuple[Token, ...]) -> Rule:
    head = next((token for token in statement if not token.is_name("default")), statement[0])
    return Rule(head.text, statement)
