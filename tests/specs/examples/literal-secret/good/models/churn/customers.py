"""The source and a feature of the example."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

EXAMPLE = "postgresql://reader:password@db.example.com/customers"  # pragma: allowlist secret


def customers() -> pd.DataFrame:
    """Return the customers."""
    raise NotImplementedError(os.environ["CUSTOMERS_DATABASE"])


def tenure(frame: pd.DataFrame) -> pd.Series:
    """Return the days since the customer came."""
    api_key = os.environ["CUSTOMERS_API_KEY"]
    raise NotImplementedError(api_key)
