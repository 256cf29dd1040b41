"""What most models say, and which ones these are, in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMED = 3  # so that a message stays short with a thousand of them


def usual(values: Iterable[str]) -> str:
    """Return the value that most have; of equally many, the first."""
    return Counter(values).most_common(1)[0][0]


def listed(names: list[str]) -> str:
    """Return the names of models as a message gives them."""
    quoted = [f'"{name}"' for name in names[:_NAMED]]
    more = len(names) - len(quoted)
    return ", ".join(quoted) + (f" and {more} more" if more else "")
