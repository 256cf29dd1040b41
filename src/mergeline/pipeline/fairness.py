"""Differences between groups of people (or anything else), as Fairlearn defines them.

Agarwal et al., A Reductions Approach to Fair Classification (2018); fairlearn.metrics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.pipeline.gates import is_fair

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.pipeline.predictions import Predictions
    from mergeline.pipeline.scoring import TestSet
    from mergeline.specs.types.evaluation import Fairness

Group = dict[str, Any]

_RATES = {
    "demographic_parity_difference": ("selection_rate",),
    "equalized_odds_difference": ("true_positive_rate", "false_positive_rate"),
    "true_positive_rate_difference": ("true_positive_rate",),
}


def fairness_rows(
    asked: Sequence[Fairness], test: TestSet, predictions: Predictions
) -> list[dict[str, Any]]:
    """Return the rows of `fairness` in evaluation.json: value, threshold, passed, groups."""
    return [_row(one, test, predictions) for one in asked]


def _row(asked: Fairness, test: TestSet, predictions: Predictions) -> dict[str, Any]:
    groups = groups_of(test.rows[asked.sensitive_feature], asked.bins)
    found = rates(test.truth, predictions.values, groups)
    value = difference(asked.metric, found)
    return {
        "name": asked.metric,
        "sensitive_feature": asked.sensitive_feature,
        "value": value,
        "threshold": asked.threshold,
        "passed": is_fair(asked, value),
        "groups": found,
    }


def groups_of(column: pd.Series[Any], bins: Sequence[float]) -> NDArray[Any]:
    """Return the name of each row's group, shape (rows,).

    With bins b1 < b2 < … the groups are x <= b1, b1 < x <= b2, …, x > bn. Rows without a value
    are a group of their own.
    """
    if not bins:
        named = column.astype(str).to_numpy(dtype=object)
    else:
        names = [f"<= {bins[0]:g}", *(f"<= {edge:g}" for edge in bins[1:]), f"> {bins[-1]:g}"]
        cut = np.searchsorted(np.asarray(bins), column.to_numpy(dtype=np.float64), side="left")
        named = np.asarray(names, dtype=object)[cut]
    return np.where(column.isna().to_numpy(), "(null)", named)


def rates(truth: NDArray[Any], labels: NDArray[Any], groups: NDArray[Any]) -> list[Group]:
    """Return per group its size and rates; None where a rate is undefined."""
    found = []
    for name in sorted(set(groups)):
        inside = groups == name
        chosen = labels[inside] == 1
        found.append(
            {
                "group": name,
                "rows": int(inside.sum()),
                "selection_rate": _share(chosen),
                "true_positive_rate": _share(chosen[truth[inside] == 1]),
                "false_positive_rate": _share(chosen[truth[inside] == 0]),
            }
        )
    return found


def difference(metric: str, groups: Sequence[Group]) -> float | None:
    """Return the largest difference between groups; None if fewer than two define a rate."""
    gaps = []
    for rate in _RATES[metric]:
        values = [group[rate] for group in groups if group[rate] is not None]
        if len(values) < 2:
            return None
        gaps.append(max(values) - min(values))
    return float(max(gaps))


def _share(chosen: NDArray[np.bool_]) -> float | None:
    return float(chosen.mean()) if len(chosen) else None
