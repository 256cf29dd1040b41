"""The bootstrap: how much a metric, or the difference of two, would vary with the test set.

Percentile intervals after Efron & Tibshirani, An Introduction to the Bootstrap (1993),
chapter 13. Rows are drawn by NumPy's RandomState, whose stream is frozen, so a seed gives the
same resamples for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from mergeline.pipeline.resampled import Floats, Resampled

# Cells of weights held at once: 16 MB.
_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A metric of some predictions, perhaps on a part of the test set.

    Attributes:
        metric: the function over many resamples.
        truth: shape (rows,).
        predicted: shape (rows,).
        mask: the rows that count, shape (rows,); None: all.
    """

    metric: Resampled
    truth: NDArray[Any]
    predicted: NDArray[Any]
    mask: NDArray[np.bool_] | None = None

    def ask(self, weights: Floats) -> Floats:
        """Return the metric of each resample."""
        if self.mask is None:
            return self.metric(self.truth, self.predicted, weights)
        return self.metric(self.truth[self.mask], self.predicted[self.mask], weights[:, self.mask])


def draws(rows: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Give how often each row is drawn, in chunks of shape (some resamples, rows)."""
    generator = np.random.RandomState(seed)
    at_once = max(1, _CELLS // max(rows, 1))
    for start in range(0, resamples, at_once):
        count = min(at_once, resamples - start)
        drawn = generator.randint(0, rows, size=(count, rows))
        drawn += np.arange(count)[:, np.newaxis] * rows
        counted = np.bincount(drawn.ravel(), minlength=count * rows)
        yield counted.reshape(count, rows).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Runs of successive time points, drawn as a whole.

    Attributes:
        points: the place of each row's time among all times, shape (rows,).
        length: time points in a block.
    """

    points: NDArray[np.int64]
    length: int


def block_draws(blocks: Blocks, resamples: int, seed: int) -> Iterator[Floats]:
    """Give how often each row is drawn, in chunks of shape (some resamples, rows).

    The moving block bootstrap: blocks of successive time points, with all rows of each, are
    drawn until they are as many time points as there are; the last block is cut. Künsch, The
    jackknife and the bootstrap for general stationary observations (1989).
    """
    generator = np.random.RandomState(seed)
    times = int(np.max(blocks.points, initial=-1)) + 1
    length = min(blocks.length, times)
    count = -(-times // length)
    at_once = max(1, _CELLS // max(len(blocks.points), 1))
    for start in range(0, resamples, at_once):
        some = min(at_once, resamples - start)
        first = generator.randint(0, times - length + 1, size=(some, count))
        drawn = (first[:, :, np.newaxis] + np.arange(length)).reshape(some, -1)[:, :times]
        drawn = drawn + np.arange(some)[:, np.newaxis] * times
        counted = np.bincount(drawn.ravel(), minlength=some * times).reshape(some, times)
        yield counted[:, blocks.points].astype(np.float64)


def resample(
    questions: Sequence[Question], resamples: int, seed: int, blocks: Blocks | None = None
) -> list[Floats]:
    """Answer all questions on the same resamples, so that they can be compared in pairs.

    Args:
        questions: of one test set.
        resamples: how often it is drawn.
        seed: of the drawing.
        blocks: draws runs of time; None: draws rows, each on its own.

    Returns:
        Per question, the metric of each resample, shape (resamples,); NaN where undefined.
    """
    if not questions:
        return []
    rows = len(questions[0].truth)
    drawn = draws(rows, resamples, seed) if blocks is None else block_draws(blocks, resamples, seed)
    chunks = [[question.ask(weights) for question in questions] for weights in drawn]
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def interval(values: Floats, level: float) -> tuple[float, float] | None:
    """Return the percentile interval; None if under half of the resamples define the metric."""
    finite = values[np.isfinite(values)]
    if 2 * len(finite) < len(values) or not len(finite):
        return None
    lower, upper = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)
