"""How long GitHub asks to be left alone. Pure.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# What GitHub asks for when it names no time.
_UNNAMED = 60.0


def rate_limit(status: int, headers: Mapping[str, str], text: str, now: float) -> float | None:
    """The seconds until a refused request may be asked again; None when it was no rate limit.

    Args:
        status: of the answer.
        headers: of the answer, found in any case.
        text: the answer's message.
        now: the time, in seconds since 1970.
    """
    if status not in (403, 429):
        return None
    after = _number(headers.get("retry-after"))
    if after is not None:
        return after
    reset = _number(headers.get("x-ratelimit-reset"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - now, 0.0)
    return _UNNAMED if status == 429 or "rate limit" in text.lower() else None


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None
