"""A library, moved below a prefix of its own, so that several can live in one OPA server.

Package `mergeline.model` becomes `mergeline_<digest>.mergeline.model`, and each reference to
`data` follows it. Without that, the rules of two versions of a library (that of the base branch
and an older one, say) would mingle in one package on a shared server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.policy.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.tokens import Token

_DIGITS = 32


def prefix_of(library: PolicyLibrary) -> str:
    """Return the package prefix of a library: its digest's first 128 bits."""
    return f"mergeline_{library.digest.removeprefix('sha256:')[:_DIGITS]}"


def mounted(text: str, prefix: str) -> str:
    """Return a module's text, moved below a prefix; lines stay where they are."""
    pieces, done = [], 0
    for offset, insertion in _insertions(tokenize(text), prefix):
        pieces += [text[done:offset], insertion]
        done = offset
    return "".join([*pieces, text[done:]])


def _insertions(tokens: Sequence[Token], prefix: str) -> Iterator[tuple[int, str]]:
    for index, token in enumerate(tokens):
        if token.kind == "template":
            yield from _insertions(token.inside, prefix)
        elif index == 0 and token.is_name("package"):
            yield tokens[1].start, f"{prefix}."
        elif token.is_name("data") and not (index and tokens[index - 1].is_symbol(".")):
            yield token.end, f".{prefix}"
