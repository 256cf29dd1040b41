"""A Rego module, cut into its package, imports and rules, with the references each rule makes.

This is no compiler: it knows just enough to name a rule in an error, to find every call of a
builtin, and to find names that nothing defines, which the embedded engine would take for
undefined, and so for a yes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.policy.tokens import RegoTextError, Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEYWORDS = frozenset(
    {"as", "contains", "default", "else", "every", "false", "if", "import", "in"}
    | {"not", "null", "package", "some", "true", "with"}
)
_OPENING = ("(", "[", "{")
_CLOSING = (")", "]", "}")
_GO_ON_AFTER = ("as", "contains", "default", "every", "if", "in", "not", "some", "with", "else")
_GO_ON_WITH = ("else", "if", "contains", "with", "as", "in")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a rule: `input.specs.model`, `count(…)`, `time["now_ns"]`.

    Attributes:
        token: its first token.
        parts: its leading parts that are plain names: `("time", "now_ns")`.
        called: is it called as a function?
        whole: do the parts say all of it, or does a variable index follow?
        mocked: does it stand in a `with … as …` clause?
        arguments: the tokens between the parentheses of the call.
    """

    token: Token
    parts: tuple[str, ...]
    called: bool
    whole: bool
    mocked: bool
    arguments: tuple[Token, ...] = ()

    @property
    def name(self) -> str:
        """The parts, dotted."""
        return ".".join(self.parts)


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


def references(tokens: Sequence[Token]) -> Iterator[Reference]:
    """Find the references in some tokens, those inside template strings and indices too.

    Keys after a dot are parts of the reference before them, and no references themselves.
    """
    mocking = False
    for index, token in enumerate(tokens):
        if token.kind == "template":
            yield from references(token.inside)
        mocking = _still_mocking(mocking, token)
        after_dot = index > 0 and tokens[index - 1].is_symbol(".")
        if token.kind == "name" and not after_dot and token.text not in KEYWORDS:
            yield _reference(tokens, index, mocked=mocking)
        elif token.is_name("contains") and _called(tokens, index + 1):
            inner = inside(tokens, index + 1)
            yield Reference(token, ("contains",), True, True, mocking, inner)  # noqa: FBT003


def _still_mocking(mocking: bool, token: Token) -> bool:  # noqa: FBT001
    if token.is_name("with", "as"):
        return True
    return mocking and not token.first and not token.is_symbol(";", "}", "{", ",")


def _reference(tokens: Sequence[Token], index: int, *, mocked: bool) -> Reference:
    parts = [tokens[index].text]
    at = index + 1
    whole = True
    while at + 1 < len(tokens):
        if tokens[at].is_symbol(".") and tokens[at + 1].kind == "name":
            parts.append(tokens[at + 1].text)
            at += 2
        elif _is_text_index(tokens, at):
            parts.append(tokens[at + 1].text)
            at += 3
        else:
            break
    if at < len(tokens) and tokens[at].is_symbol("["):
        whole = tokens[at].start != tokens[at - 1].end
    called = _called(tokens, at)
    arguments = inside(tokens, at) if called else ()
    return Reference(tokens[index], tuple(parts), called, whole, mocked, arguments)


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
    return at < len(tokens) and tokens[at].is_symbol("(") and tokens[at].start == tokens[at - 1].end
