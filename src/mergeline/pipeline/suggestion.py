"""Hints for words out of long lists: the near ones, not hundreds."""

from __future__ import annotations

from difflib import get_close_matches

from mergeline.specs.conformance import did_you_mean

_SHORT = 12


def suggest(word: str, known: list[str]) -> str | None:
    """Return a hint that names known words near to one; all of them if they are few."""
    near = known if len(known) <= _SHORT else get_close_matches(word, known, n=3, cutoff=0.6)
    return did_you_mean(word, near)
