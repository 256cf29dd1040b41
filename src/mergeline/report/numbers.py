"""How numbers and the names of metrics are written, the same in every report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.report.evidence import Slice
    from mergeline.specs.types.evaluation import Slice as SpecSlice

# A real minus sign would be finer, but is not found when somebody searches for "-0.01".
UNKNOWN = "-"


def number(value: float | None) -> str:
    """Return e.g. `0.9977`, `44.12`, `1,204`; four significant digits, a dash for None."""
    if value is None:
        return UNKNOWN
    if not math.isfinite(value):
        return str(value)
    # Adding zero takes the sign from a negative zero.
    if abs(value) >= 1000:
        return f"{value + 0.0:,.0f}"
    return f"{value + 0.0:.4g}"


def signed(value: float | None) -> str:
    """Return e.g. `+0.0021`."""
    if value is None or not math.isfinite(value):
        return number(value)
    sign = "+" if value > 0 else ""
    return f"{sign}{number(value)}"


def interval(lower: float | None, upper: float | None, *, sign: bool = False) -> str:
    """Return e.g. `[0.9922, 1]`; a dash if there is none."""
    if lower is None or upper is None:
        return UNKNOWN
    shown = signed if sign else number
    return f"[{shown(lower)}, {shown(upper)}]"


def percent(share: float | None) -> str:
    """Return a share of 1 as e.g. `97.1 %`, `95 %`."""
    return UNKNOWN if share is None else f"{round(100 * share, 1):g} %"


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return e.g. `a, b, c and 4 more`, each name once."""
    unique = list(dict.fromkeys(names))
    shown, left = ", ".join(unique[:most]), len(unique) - most
    return f"{shown} and {left} more" if left > 0 else shown


def duration(seconds: float) -> str:
    """Return e.g. `0.04 s`, `12.3 s`, `3 min 20 s`."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def threshold(limit: float | None, *, greater_is_better: bool) -> str:
    """Return e.g. `≥ 0.95`."""
    if limit is None:
        return UNKNOWN
    return f"{'≥' if greater_is_better else '≤'} {number(limit)}"


def metric_title(name: str, part: Slice | SpecSlice | None) -> str:
    """Return e.g. `accuracy_score where target = 0`."""
    return f"{name} where {part.column} = {part.value}" if part else name


def counted(count: int, word: str) -> str:
    """Return e.g. `1 gate`, `2 gates`."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def short(digest: str | None) -> str:
    """Return the first characters of a commit or a digest, enough to tell it by."""
    if not digest:
        return UNKNOWN
    prefix, colon, rest = digest.rpartition(":")
    return f"{prefix}{colon}{rest[:12]}"
