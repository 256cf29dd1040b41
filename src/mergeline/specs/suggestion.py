"""Hints that name the nearest known word."""

from __future__ import annotations

from difflib import get_close_matches


def did_you_mean(word: str, known: list[str]) -> str | None:
    """Return a hint that names the nearest known word and all of them, or None."""
    if not known:
        return None
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    listed = f"known: {', '.join(known)}"
    return f'did you mean "{near[0]}"? {listed}' if near else listed
