"""Row-by-row features: the same for one payment at serving time as for a year of them.

Each function takes a DataFrame of the inputs that features.yaml names and returns one column
on the same index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def log_amount(frame: pd.DataFrame) -> pd.Series:
    """Return ln(1 + amount): amounts span four powers of ten."""
    return np.log1p(frame["amount"])


def amount_to_average(frame: pd.DataFrame) -> pd.Series:
    """Return ln(amount / the card's average so far); 0 is the card's usual amount."""
    return np.log(frame["amount"] / frame["card_average_amount"])


def hour_of_day(frame: pd.DataFrame, part: str) -> pd.Series:
    """Return the time of day on a circle, so that 23:59 lies next to 00:00.

    Args:
        frame: with the column `time` (UTC).
        part: "sin" or "cos".
    """
    time = frame["time"].dt
    angle = 2 * np.pi * (time.hour + time.minute / 60) / 24
    return np.sin(angle) if part == "sin" else np.cos(angle)


def as_number(frame: pd.DataFrame) -> pd.Series:
    """Return a flag or a count as a float."""
    return frame.iloc[:, 0].astype("float64")
