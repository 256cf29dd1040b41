"""Daily sales of shops: a week's rhythm, a trend, promotions that are planned ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.workspace import HEADER, ZERO, common, training


def sales(days: int = 200, shops: int = 2, seed: int = 6) -> pd.DataFrame:
    """A row a day and shop, in an order that time does not have."""
    draw = np.random.RandomState(seed)
    parts = []
    for shop in range(shops):
        day = np.arange(days)
        promo = draw.rand(days) < 0.15
        errors = np.zeros(days)
        for at in range(1, days):
            errors[at] = 0.6 * errors[at - 1] + draw.normal(0, 2)
        sold = 60 + 30 * shop + 0.05 * day + 12 * np.sin(2 * np.pi * day / 7) + 9 * promo + errors
        parts.append(
            pd.DataFrame(
                {
                    "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"),
                    "shop": f"s{shop}",
                    "promo": promo,
                    "visitors": (4 * sold + draw.normal(0, 20, days)).round(),
                    "sold": sold.round(2),
                }
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    return whole.sample(frac=1, random_state=1).reset_index(drop=True)


def table(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, date_format="%Y-%m-%d")


METRICS = (
    "mean_absolute_scaled_error, mean_absolute_error, root_mean_squared_error,"
    " mean_squared_error, mean_absolute_percentage_error,"
    " symmetric_mean_absolute_percentage_error"
)
SALES = {
    **common("sales", "forecasting"),
    "sales.csv": table(sales()),
    "data.yaml": f"""\
{HEADER}Data
datasets:
  - name: sales
    source: {{type: file, path: sales.csv}}
    digest: {ZERO}
    columns:
      - {{name: day, type: datetime64}}
      - {{name: shop, type: string}}
      - {{name: promo, type: bool}}
      - {{name: visitors, type: float64}}
      - {{name: sold, type: float64}}
    expectations:
      - type: expect_compound_columns_to_be_unique
        kwargs: {{column_list: [day, shop]}}
target: sold
split: {{strategy: temporal, time_column: day, test_fraction: 0.25, gap: 6}}
forecast:
  horizon: 7
  seasonal_period: 7
  series_column: shop
  known_ahead: [promo]
""",
    "features.yaml": f"""\
{HEADER}Features
features:
  - name: sold
    version: 1
    owner: team-tests
    inputs: [sold]
    transform: {{type: lag, lags: [7, 14]}}
  - name: lately
    version: 1
    owner: team-tests
    inputs: [sold, visitors]
    transform: {{type: rolling, lag: 7, window: 14}}
  - name: calendar
    version: 1
    owner: team-tests
    inputs: [day]
    transform: {{type: calendar, parts: [day_of_week]}}
  - name: promo
    version: 1
    owner: team-tests
    inputs: [promo]
    transform: {{type: passthrough}}
  - name: shop
    version: 1
    owner: team-tests
    inputs: [shop]
    transform:
      type: sklearn
      class: sklearn.preprocessing.OneHotEncoder
      parameters: {{handle_unknown: ignore}}
""",
    "training.yaml": training("forecasting", "sklearn.linear_model.Ridge", {"alpha": 1.0}),
    "evaluation.yaml": f"""\
{HEADER}Evaluation
metrics:
  - name: mean_absolute_scaled_error
    threshold: 1
    greater_is_better: false
    min_absolute_change: -0.1
  - {{name: mean_absolute_error, greater_is_better: false}}
  - {{name: symmetric_mean_absolute_percentage_error, greater_is_better: false}}
  - {{name: mean_absolute_error, greater_is_better: false, slice: {{column: shop, value: s1}}}}
confidence:
  method: paired_moving_block_bootstrap
  block_length: 14
  resamples: 200
  random_seed: 1
""",
}
