"""How long a prediction of one row takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from mergeline.pipeline.predictor import Predictor

_CALLS = 100
_WARM_UP = 5


def measure(predictor: Predictor, rows: pd.DataFrame) -> list[float]:
    """Return the milliseconds of 100 predictions of single rows, features included."""
    times = []
    for number in range(_WARM_UP + _CALLS):
        place = number % len(rows)
        one = rows.iloc[place : place + 1]
        start = time.perf_counter()
        predictor.predict(one)
        times.append((time.perf_counter() - start) * 1000)
    return times[_WARM_UP:]


def percentile(milliseconds: list[float], percent: float) -> float:
    """Return a percentile (0 to 100)."""
    return float(np.percentile(milliseconds, percent))
