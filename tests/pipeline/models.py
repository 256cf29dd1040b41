"""The small models: a generated one with everything in it, and two of scikit-learn's own."""

from __future__ import annotations

from pipeline.workspace import HEADER, ZERO, common, training

CLASSIFICATION = (
    "accuracy_score, balanced_accuracy, precision_score, recall_score, f1_score, roc_auc,"
    " average_precision, log_loss, brier_score"
)
REGRESSION = "mean_absolute_error, root_mean_squared_error, mean_squared_error, r2_score"

TOY_SOURCE = """\
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass
class Shop:
    country: str


def sales(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.RandomState(seed)
    amount = random.lognormal(3, 1, rows)
    country = random.choice([Shop(name).country for name in ("de", "fr", "it")], rows)
    risk = (np.log(amount) - 3) * 2 + (country == "it") + random.normal(0, 1, rows)
    return pd.DataFrame(
        {
            "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(rows), unit="h"),
            "amount": amount,
            "country": country,
            "age": random.randint(18, 90, rows),
            "email": [f"customer-{number}@example.com" for number in range(rows)],
            "returned": (risk > 0.5).astype("int64"),
        }
    )
"""
TOY_FEATURES = """\
import numpy as np


def log_amount(frame, base):
    return np.log(frame["amount"]) / np.log(base)
"""
TOY_DATA = f"""\
{HEADER}Data
datasets:
  - name: sales
    source:
      type: python
      function: source.py:sales
      parameters: {{rows: 400, seed: 5}}
    digest: {ZERO}
    columns:
      - {{name: time, type: datetime64}}
      - {{name: amount, type: float64}}
      - {{name: country, type: string}}
      - {{name: age, type: int64}}
      - {{name: email, type: string, pii: true}}
      - {{name: returned, type: int64}}
    expectations:
      - type: expect_column_values_to_be_between
        kwargs: {{column: age, min_value: 18, max_value: 90}}
      - type: expect_column_values_to_be_in_set
        kwargs: {{column: country, value_set: [de, fr, it]}}
target: returned
split:
  strategy: temporal
  test_fraction: 0.3
  time_column: time
"""
TOY_FEATURE_SPEC = f"""\
{HEADER}Features
features:
  - name: amount_log
    version: 1
    owner: team-tests
    inputs: [amount]
    transform:
      type: python
      function: features.py:log_amount
      parameters: {{base: 2}}
  - name: country
    version: 1
    owner: team-tests
    inputs: [country]
    transform:
      type: sklearn
      class: sklearn.preprocessing.OneHotEncoder
      parameters:
        handle_unknown: ignore
  - name: age
    version: 1
    owner: team-tests
    inputs: [age]
    transform: {{type: passthrough}}
"""
TOY_EVALUATION = f"""\
{HEADER}Evaluation
metrics:
  - name: roc_auc
    threshold: 0.7
    greater_is_better: true
    min_absolute_change: -0.05
  - name: accuracy_score
    slice: {{column: country, value: it}}
    threshold: 0.5
    greater_is_better: true
  - name: log_loss
    greater_is_better: false
    min_absolute_change: -0.2
fairness:
  - metric: true_positive_rate_difference
    sensitive_feature: age
    bins: [45]
    threshold: 0.9
latency:
  threshold_milliseconds: 10000
confidence:
  resamples: 200
  random_seed: 1
"""

TOY = {
    **common("toy", "classification"),
    "data.yaml": TOY_DATA,
    "features.yaml": TOY_FEATURE_SPEC,
    "training.yaml": training(
        "classification",
        "sklearn.ensemble.RandomForestClassifier",
        {"n_estimators": 20, "max_depth": 4},
    ),
    "evaluation.yaml": TOY_EVALUATION,
    "source.py": TOY_SOURCE,
    "features.py": TOY_FEATURES,
}


def bundled(
    name: str, task: str, loader: str, *, columns: list[str], estimator: str, metric: str
) -> dict[str, str]:
    """A model on one of scikit-learn's own datasets, all of it scaled."""
    strategy = "stratified" if task == "classification" else "random"
    kind = "int64" if task == "classification" else "float64"
    listed = "".join(f"      - {{name: {column}, type: float64}}\n" for column in columns)
    better = str(metric in {"roc_auc", "r2_score"}).lower()
    return {
        **common(name, task),
        "data.yaml": (
            f"{HEADER}Data\ndatasets:\n  - name: {name}\n"
            f"    source: {{type: sklearn, loader: {loader}}}\n    digest: {ZERO}\n"
            f"    columns:\n{listed}      - {{name: target, type: {kind}}}\n"
            f"target: target\nsplit:\n  strategy: {strategy}\n  test_fraction: 0.25\n"
            "  random_seed: 7\n"
        ),
        "features.yaml": (
            f"{HEADER}Features\nfeatures:\n  - name: scaled\n    version: 1\n"
            f"    owner: team-tests\n    inputs: {list(map(str, columns))}\n    transform:\n"
            "      type: sklearn\n      class: sklearn.preprocessing.StandardScaler\n"
        ),
        "training.yaml": training(task, estimator, {}).replace(
            "hyperparameters:\n", "hyperparameters: {}\n"
        ),
        "evaluation.yaml": (
            f"{HEADER}Evaluation\nmetrics:\n  - name: {metric}\n"
            f"    greater_is_better: {better}\nconfidence: {{resamples: 200, random_seed: 1}}\n"
        ),
    }
