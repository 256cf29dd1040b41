from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mergeline.pipeline.fairness import difference, groups_of, rates

TRUTH = np.array([1, 1, 0, 0, 1, 1, 0, 0])
LABELS = np.array([1, 1, 1, 0, 1, 0, 0, 0])
GROUPS = np.array(["a"] * 4 + ["b"] * 4, dtype=object)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("demographic_parity_difference", 3 / 4 - 1 / 4),
        ("true_positive_rate_difference", 1 - 1 / 2),
        ("equalized_odds_difference", max(1 - 1 / 2, 1 / 2 - 0)),
    ],
)
def test_differences_by_hand(metric, value):
    assert difference(metric, rates(TRUTH, LABELS, GROUPS)) == value


def test_a_group_without_positives_has_no_true_positive_rate():
    found = rates(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array(["a", "a", "b"]))
    assert [group["true_positive_rate"] for group in found] == [None, 1.0]
    assert difference("true_positive_rate_difference", found) is None
    assert difference("demographic_parity_difference", found) == 0.5


def test_numbers_are_cut_at_upper_edges_and_nulls_are_a_group():
    column = pd.Series([1.0, 2.0, 2.5, 9.0, np.nan])
    assert groups_of(column, (2, 5)).tolist() == ["<= 2", "<= 2", "<= 5", "> 5", "(null)"]
    assert groups_of(pd.Series(["x", None]), ()).tolist() == ["x", "(null)"]
