from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from mergeline.pipeline.splits import test_rows as rows_for_test
from mergeline.specs.types.data import RandomSplit, StratifiedSplit, TemporalSplit

FRACTIONS = st.floats(0.01, 0.99)
SEEDS = st.integers(0, 2**32 - 1)


@given(st.integers(1, 200), FRACTIONS, SEEDS)
def test_random_takes_its_share_and_is_repeatable(rows, fraction, seed):
    frame = pd.DataFrame({"y": np.zeros(rows)})
    split = RandomSplit(test_fraction=fraction, random_seed=seed)
    mask = rows_for_test(frame, "y", split)
    assert mask.sum() == math.ceil(fraction * rows)
    assert (mask == rows_for_test(frame, "y", split)).all()


@given(st.lists(st.integers(0, 2), min_size=1, max_size=200), FRACTIONS, SEEDS)
def test_stratified_gives_each_class_its_share(classes, fraction, seed):
    frame = pd.DataFrame({"y": classes})
    mask = rows_for_test(frame, "y", StratifiedSplit(test_fraction=fraction, random_seed=seed))
    count = math.ceil(fraction * len(classes))
    assert mask.sum() == count
    for one in set(classes):
        size = classes.count(one)
        assert abs(frame.loc[mask, "y"].eq(one).sum() - size * count / len(classes)) < 1
        assert frame.loc[mask, "y"].eq(one).sum() <= size


@given(st.lists(st.integers(0, 30), min_size=1, max_size=100), FRACTIONS)
def test_temporal_trains_on_nothing_as_late_as_a_test_row(moments, fraction):
    frame = pd.DataFrame({"y": 0, "t": pd.to_datetime(moments, unit="D")})
    mask = rows_for_test(frame, "y", TemporalSplit(test_fraction=fraction, time_column="t"))
    assert mask.sum() >= math.ceil(fraction * len(moments))
    if not mask.all():
        assert frame.loc[~mask, "t"].max() < frame.loc[mask, "t"].min()


def test_the_rows_of_a_seed_are_these_for_ever():
    frame = pd.DataFrame({"y": np.zeros(10)})
    mask = rows_for_test(frame, "y", RandomSplit(test_fraction=0.3, random_seed=42))
    assert np.flatnonzero(mask).tolist() == [1, 5, 8]
    mask = rows_for_test(
        frame.assign(y=[0, 0, 0, 0, 0, 0, 1, 1, 1, 1]),
        "y",
        StratifiedSplit(test_fraction=0.5, random_seed=42),
    )
    assert mask[:6].sum() == 3
