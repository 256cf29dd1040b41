"""How long a prediction of one row takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.pipeline.predictor import Predictor
    from mergeline.pipeline.scoring import TestSet

_ROWS = 50
_TRIES = 3
_WARM_UP = 5


def measure(
    predictor: Predictor, test: TestSet, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the milliseconds of predictions of 50 single rows, features included.

    Each row is asked for three times, and the quickest counts: what else the machine was doing is
    not the model's. A row of a forecast brings along the earlier rows that its features look back
    upon.

    Args:
        predictor: the model.
        test: the rows; begun again where there are fewer.
        clock: seconds, from wherever.
    """

    def once(number: int) -> float:
        return _once(predictor, test, number, clock)

    for number in range(_WARM_UP):
        once(number)
    return [min(once(number) for _ in range(_TRIES)) for number in range(_ROWS)]


def _once(predictor: Predictor, test: TestSet, number: int, clock: Callable[[], float]) -> float:
    place = number % len(test.rows)
    one = test.rows.iloc[place : place + 1]
    past = _past(predictor, test, one)
    start = clock()
    predictor.predict(one, past)
    return (clock() - start) * 1000


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
