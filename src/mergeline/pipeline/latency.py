"""How long a prediction of one row takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mergeline.pipeline.predictions import Predictions
    from mergeline.pipeline.predictor import Predictor
    from mergeline.pipeline.scoring import TestSet

_ROWS = 50
_TRIES = 3
_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """What single rows took, and what was said of them.

    Attributes:
        milliseconds: of each row, at most 50.
        places: of each row among the test rows.
        said: the prediction of each row, by every process that was asked.
    """

    milliseconds: list[float]
    places: list[int]
    said: list[list[Predictions]]


def measure(
    opened: Callable[[], AbstractContextManager[Predictor]],
    test: TestSet,
    clock: Callable[[], float] = time.perf_counter,
) -> Measured:
    """Predict 50 single rows, features included.

    Each row is asked of three processes, which have not seen it before, and the quickest counts:
    what else the machine was doing is not the model's, and what a model remembers is no
    prediction. A row of a forecast brings along the earlier rows that its features look back upon.

    Args:
        opened: gives the model in a process of its own.
        test: the rows, of which it takes some at equal distances; where there are fewer than 50,
            all of them.
        clock: seconds, from wherever.
    """
    count = len(test.rows)
    places = sorted({number * count // _ROWS for number in range(_ROWS)})
    taken, said = [], []
    for _ in range(_TRIES):
        with opened() as predictor:
            for _ in range(_WARM_UP):
                _once(predictor, test, len(test.rows) - 1, clock)
            found = [_once(predictor, test, place, clock) for place in places]
        taken.append([milliseconds for milliseconds, _ in found])
        said.append([one for _, one in found])
    return Measured([min(tries) for tries in zip(*taken, strict=True)], places, said)


def _once(
    predictor: Predictor, test: TestSet, place: int, clock: Callable[[], float]
) -> tuple[float, Predictions]:
    one = test.rows.iloc[place : place + 1]
    past = _past(predictor, test, one)
    start = clock()
    said = predictor.predict(one, past)
    return (clock() - start) * 1000, said


def otherwise_alone(measured: Measured, whole: Predictions) -> int | None:
    """Return the place of a row of which the model says something else on its own; None: of none.

    Args:
        measured: what it said of single rows.
        whole: what it said of all test rows at once.
    """
    for asked in measured.said:
        for place, alone in zip(measured.places, asked, strict=True):
            if not _same(alone, whole, place):
                return place
    return None


def _same(alone: Predictions, whole: Predictions, place: int) -> bool:
    if alone.classes != whole.classes:
        return False
    pairs = [(alone.values[0], whole.values[place])]
    if alone.probabilities is not None and whole.probabilities is not None:
        pairs += zip(alone.probabilities[0], whole.probabilities[place], strict=True)
    elif alone.probabilities is not whole.probabilities:
        return False
    return all(
        bool(np.isclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True))
        if isinstance(one, float)
        else one == other
        for one, other in pairs
    )


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
