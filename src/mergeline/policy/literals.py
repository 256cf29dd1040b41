"""Rego values that are plain JSON: objects, arrays, strings, numbers, true, false and null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.policy.tokens import Token

_WORDS = {"true": True, "false": False, "null": None}


class NotALiteralError(ValueError):
    """The tokens hold more than a plain value: a call, a reference, a comprehension."""


def read_literal(tokens: Sequence[Token]) -> Any:
    """Return the value that tokens stand for; Rego lets a comma follow the last item.

    Raises:
        NotALiteralError: they are no plain JSON value.
    """
    reader = _Reader(tokens)
    value = reader.value()
    if reader.at != len(tokens):
        raise NotALiteralError
    return value


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def value(self) -> Any:
        token = self._next()
        if token.is_symbol("{"):
            return self._object()
        if token.is_symbol("["):
            return self._array()
        if token.is_symbol("-"):
            return -self._number(self._next())
        if token.kind == "string":
            return token.text
        if token.kind == "number":
            return self._number(token)
        if token.kind == "name" and token.text in _WORDS:
            return _WORDS[token.text]
        raise NotALiteralError

    def _object(self) -> dict[str, Any]:
        read: dict[str, Any] = {}
        while not self._closes("}"):
            key = self._next()
            if key.kind != "string" or not self._next().is_symbol(":"):
                raise NotALiteralError
            read[key.text] = self.value()
            self._comma("}")
        return read

    def _array(self) -> list[Any]:
        read: list[Any] = []
        while not self._closes("]"):
            read.append(self.value())
            self._comma("]")
        return read

    def _comma(self, closing: str) -> None:
        token = self._next()
        if token.is_symbol(closing):
            self.at -= 1
        elif not token.is_symbol(","):
            raise NotALiteralError

    def _closes(self, closing: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at].is_symbol(closing):
            self.at += 1
            return True
        return False

    def _number(self, token: Token) -> int | float:
        if token.kind != "number":
            raise NotALiteralError
        return int(token.text) if token.text.isdecimal() else float(token.text)

    def _next(self) -> Token:
        if self.at >= len(self.tokens):
            raise NotALiteralError
        self.at += 1
        return self.tokens[self.at - 1]
