"""Moments as an auditor writes them: RFC 3339, with a zone, the seconds left out if one likes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mergeline.errors import UsageError

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_HINT = "write date, time and zone: 2024-09-12T10:00Z, or 2024-09-12T12:00+02:00"


def parse_moment(text: str) -> datetime:
    """Read a moment; the answer is in UTC.

    A date alone is refused: whose midnight would it be?

    Raises:
        UsageError: it is none, or does not say its zone.
    """
    if not _MOMENT.fullmatch(text):
        raise UsageError(f'"{text}" names no moment', hint=_HINT)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f'"{text}" names no moment that there is', hint=_HINT) from None


def moment_text(seconds: int) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
