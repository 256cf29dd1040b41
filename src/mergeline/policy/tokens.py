"""Rego text → tokens: what is code and what is only text inside a string or a comment.

Follows the grammar of the policy language (Rego v1): comments run from `#` to the end of the
line, strings are JSON strings, raw strings stand between backticks, and a template string
(`$"…"`) holds expressions between braces, `\\{` being a plain brace.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "string", "template", "symbol"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of Rego.

    Attributes:
        kind: what it is; a template's expressions are in `inside`.
        text: the source text; of a string, its value.
        start: offset of its first character in the source.
        end: offset after its last character.
        line: line from 1.
        column: column from 1.
        first: is it the first token of its line?
        inside: the tokens of a template's expressions.
    """

    kind: Kind
    text: str
    start: int
    end: int
    line: int
    column: int
    first: bool = False
    inside: tuple[Token, ...] = ()

    def is_symbol(self, *texts: str) -> bool:
        """Tell whether this is one of some symbols."""
        return self.kind == "symbol" and self.text in texts

    def is_name(self, *texts: str) -> bool:
        """Tell whether this is one of some names (keywords among them)."""
        return self.kind == "name" and self.text in texts


class RegoTextError(ValueError):
    """The text cannot be cut into tokens; holds line and column (from 1)."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


_BLANK = re.compile(r"[ \t\r\n]+|#[^\n]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_RAW = re.compile(r"`[^`]*`")
_SYMBOL = re.compile(r":=|==|!=|<=|>=|[-+*/%&|<>=:;,.(){}\[\]]")


def tokenize(source: str) -> list[Token]:
    """Cut Rego into tokens; comments and blanks are left out.

    Raises:
        RegoTextError: a string is not closed, or a character has no place in Rego.
    """
    return _Reader(source).read(len(source))


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def read(self, end: int, *, in_template: bool = False) -> list[Token]:
        """Read tokens until the end or, in a template, until its expression's brace closes."""
        tokens: list[Token] = []
        depth = 0
        while self._skip_blanks() < end:
            if in_template and depth == 0 and self.source[self.at] == "}":
                return tokens
            token = self._next()
            depth += token.is_symbol("{", "(", "[") - token.is_symbol("}", ")", "]")
            tokens.append(token)
        if in_template:
            raise self._error("a template string is not closed", self.at)
        return tokens

    def _skip_blanks(self) -> int:
        while blank := _BLANK.match(self.source, self.at):
            self.at = blank.end()
        return self.at

    def _next(self) -> Token:
        start = self.at
        if self.source.startswith(('$"', "$`"), start):
            return self._template(start)
        for kind, pattern in _PATTERNS:
            if found := pattern.match(self.source, start):
                self.at = found.end()
                return self._token(kind, self._value(found.group(), start), start)
        raise self._error(f"{self.source[start]!r} has no place here", start)

    def _value(self, text: str, start: int) -> str:
        if text[0] == "`":
            return text[1:-1]
        if text[0] != '"':
            return text
        try:
            return str(json.loads(text, strict=False))
        except ValueError:
            raise self._error(f"{text} is no string", start) from None

    def _template(self, start: int) -> Token:
        quote = self.source[start + 1]
        self.at = start + 2
        inside: list[Token] = []
        while self.at < len(self.source):
            character = self.source[self.at]
            self.at += 2 if character == "\\" and quote == '"' else 1
            if character == quote:
                return self._token("template", self.source[start : self.at], start, tuple(inside))
            if character == "\\" and quote == "`" and self.source.startswith("{", self.at):
                self.at += 1
            elif character == "{":
                inside += self.read(len(self.source), in_template=True)
                self.at += 1
        raise self._error("a template string is not closed", start)

    def _token(self, kind: Kind, text: str, start: int, inside: tuple[Token, ...] = ()) -> Token:
        line, column = self._position(start)
        before = self.source[start - column + 1 : start]
        return Token(kind, text, start, self.at, line, column, not before.strip(), inside)

    def _position(self, offset: int) -> tuple[int, int]:
        line = self.source.count("\n", 0, offset) + 1
        return line, offset - self.source.rfind("\n", 0, offset)

    def _error(self, message: str, offset: int) -> RegoTextError:
        return RegoTextError(message, *self._position(min(offset, len(self.source))))


_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("name", _NAME),
    ("number", _NUMBER),
    ("string", _STRING),
    ("string", _RAW),
    ("symbol", _SYMBOL),
)
