"""What the table of metrics says of them is what scikit-learn says."""

from __future__ import annotations

from typing import get_args

from sklearn.metrics import get_scorer, get_scorer_names

from mergeline.specs.references.metrics import SPANS
from mergeline.specs.types.evaluation import MetricName

SCORERS = {
    "accuracy_score": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "precision_score": "precision",
    "recall_score": "recall",
    "f1_score": "f1",
    "precision_macro": "precision_macro",
    "recall_macro": "recall_macro",
    "f1_macro": "f1_macro",
    "roc_auc": "roc_auc",
    "roc_auc_ovr": "roc_auc_ovr",
    "average_precision": "average_precision",
    "log_loss": "neg_log_loss",
    "brier_score": "neg_brier_score",
    "mean_absolute_error": "neg_mean_absolute_error",
    "root_mean_squared_error": "neg_root_mean_squared_error",
    "mean_squared_error": "neg_mean_squared_error",
    "r2_score": "r2",
    "mean_absolute_percentage_error": "neg_mean_absolute_percentage_error",
}
# Those of forecasts, which are errors by their names.
FORECASTS = {"symmetric_mean_absolute_percentage_error", "mean_absolute_scaled_error"}


def test_every_metric_is_better_the_way_its_scorer_says():
    assert set(SPANS) == set(get_args(MetricName)) == set(SCORERS) | FORECASTS
    assert set(SCORERS.values()) <= set(get_scorer_names())
    for metric, scorer in SCORERS.items():
        assert SPANS[metric].greater_is_better == (get_scorer(scorer)._sign == 1), metric
    assert not any(SPANS[metric].greater_is_better for metric in FORECASTS)
