"""How long a prediction of one row takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from mergeline.pipeline.predictor import Predictor
    from mergeline.pipeline.scoring import TestSet

_CALLS = 100
_WARM_UP = 5


def measure(predictor: Predictor, test: TestSet) -> list[float]:
    """Return the milliseconds of 100 predictions of single rows, features included.

    A row of a forecast brings along the earlier rows that its features look back upon.
    """
    times = []
    for number in range(_WARM_UP + _CALLS):
        place = number % len(test.rows)
        one = test.rows.iloc[place : place + 1]
        past = _past(predictor, test, one)
        start = time.perf_counter()
        predictor.predict(one, past)
        times.append((time.perf_counter() - start) * 1000)
    return times[_WARM_UP:]


def _past(predictor: Predictor, test: TestSet, one: pd.DataFrame) -> pd.DataFrame | None:
    if test.time is None:
        return None
    from mergeline.pipeline.forecast import recent
    from mergeline.pipeline.lags import reach

    whole = pd.concat([test.time.past, test.rows])
    return recent(whole, one, test.time.order, reach(predictor.features))


def percentile(milliseconds: list[float], percent: float) -> float:
    """Return a percentile (0 to 100)."""
    return float(np.percentile(milliseconds, percent))
