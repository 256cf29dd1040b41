"""Which of OPA's builtins regopy evaluates alike: known by proof, not by its own word.

`builtins.json` is what came out when both were asked many cases of each, side by side
(`tests/policy/prove_builtins.py` makes it): *proven* builtins agreed on all of them, *bounded*
ones within a bound that this module checks where a policy's text can show it, the others not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.policy.tokens import Token

_PATTERN_FLAG = re.compile(r"\(\?(?!:)")


@dataclass(frozen=True, slots=True)
class Builtins:
    """What is known of OPA's builtins.

    Attributes:
        usable: those that regopy evaluates like OPA, some within a bound.
        bounds: the bounds of those, in words.
        refused: the others, and why.
    """

    usable: frozenset[str]
    bounds: Mapping[str, str]
    refused: Mapping[str, str]

    def knows(self, name: str) -> bool:
        """Tell whether OPA has a builtin of that name."""
        return name in self.usable or name in self.refused


@cache
def builtins() -> Builtins:
    """Return what has been proven, from `builtins.json`."""
    text = files("mergeline.policy").joinpath("builtins.json").read_text(encoding="utf-8")
    content = json.loads(text)
    bounds = {name: one["within"] for name, one in content["bounded"].items()}
    return Builtins(frozenset({*content["proven"], *bounds}), bounds, content["refused"])


def outside_bound(name: str, arguments: Sequence[Token]) -> str | None:
    """Say why a call may lie outside its builtin's bound, as far as its text shows; else None.

    What it cannot show (whether two operands of `<` have one type) the spec's types must.
    """
    fits = True
    if name == "sort":
        fits = bool(arguments) and arguments[0].is_symbol("[")
    elif name == "concat":
        fits = _is_ordered(_last(arguments))
    elif name.startswith("regex."):
        fits = _fits_pattern(arguments)
    return None if fits else f"other than with {builtins().bounds.get(name, 'a literal pattern')}"


def _is_ordered(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and (
        tokens[0].is_symbol("[") or tokens[0].is_name("sort", "split", "array")
    )


def _fits_pattern(arguments: Sequence[Token]) -> bool:
    first = _split(arguments)[0] if arguments else []
    literal = len(first) == 1 and first[0].kind == "string"
    return literal and first[0].text.isascii() and not _PATTERN_FLAG.search(first[0].text)


def _last(arguments: Sequence[Token]) -> Sequence[Token]:
    parts = _split(arguments)
    return parts[-1] if parts else ()


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split at the commas that stand in no bracket."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.is_symbol("(", "[", "{") - token.is_symbol(")", "]", "}")
        if depth == 0 and token.is_symbol(","):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
