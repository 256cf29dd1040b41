"""Which rows are the test set; NumPy's frozen RandomState makes it the same for ever."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.specs.types.data import RandomSplit, Split, StratifiedSplit, TemporalSplit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def test_rows(frame: pd.DataFrame, target: str, split: Split) -> NDArray[np.bool_]:
    """Return the mask of the test rows, of shape (rows,).

    random: `ceil(test_fraction * rows)` rows. stratified: of each class its share, rounded by
    largest remainder. temporal: the latest rows, and all that are as late as the earliest of
    them, so that no training row is as late as a test row.
    """
    count = math.ceil(split.test_fraction * len(frame))
    if isinstance(split, RandomSplit):
        return _mask(len(frame), _shuffled(len(frame), split.random_seed)[:count])
    if isinstance(split, StratifiedSplit):
        return _stratified(frame[target].to_numpy(), count, split.random_seed)
    moments = frame[split.time_column].to_numpy()
    return np.asarray(moments >= np.sort(moments)[len(frame) - count])


def training_rows(frame: pd.DataFrame, split: Split, test: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask of the rows to learn from: all others, less the gap of a temporal split."""
    if not isinstance(split, TemporalSplit) or not split.gap or not test.any():
        return ~test
    moments = frame[split.time_column].to_numpy()
    before = np.unique(moments[moments < moments[test].min()])
    return np.asarray(~test & ~np.isin(moments, before[-split.gap :]))


def _stratified(classes: NDArray[Any], count: int, seed: int) -> NDArray[np.bool_]:
    _, codes, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    quotas = _quotas(sizes, count)
    order = _shuffled(len(classes), seed)
    chosen = [order[codes[order] == code][:quota] for code, quota in enumerate(quotas)]
    return _mask(len(classes), np.concatenate(chosen))


def _quotas(sizes: NDArray[Any], count: int) -> NDArray[Any]:
    exact = sizes * (count / sizes.sum())
    quotas = np.floor(exact).astype(int)
    missing = count - int(quotas.sum())
    largest = np.argsort(quotas - exact, kind="stable")[:missing]
    quotas[largest] += 1
    return np.asarray(quotas)


def _shuffled(rows: int, seed: int) -> NDArray[Any]:
    return np.random.RandomState(seed).permutation(rows)


def _mask(rows: int, chosen: NDArray[Any]) -> NDArray[np.bool_]:
    mask = np.zeros(rows, dtype=bool)
    mask[chosen] = True
    return mask
