"""The source and a feature of the example."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def customers() -> pd.DataFrame:
    """Return the customers."""
    raise NotImplementedError


def tenure(frame: pd.DataFrame) -> pd.Series:
    """Return the days since the customer came."""
    raise NotImplementedError
