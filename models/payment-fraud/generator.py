"""Generated card transactions: a year of them, few of them fraud, one month that drifts.

Nothing here comes from a bank or a person. The generator exists so that the reference model
has months of imbalanced, time-ordered data with a known change in it. What it imitates:

- each card has its own habits: how much it spends, how often, how much of it online;
- fraud comes in bursts: a stolen card is used a few times within hours, more often at night,
  online, abroad and on goods that can be sold again;
- in the drift month (November) honest customers spend more and shop online more, while the
  thieves turn to small amounts that test a card.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CATEGORIES = ["grocery", "restaurant", "fuel", "travel", "fashion", "electronics", "gift_cards"]
HONEST_SHARES = [0.36, 0.20, 0.13, 0.06, 0.12, 0.10, 0.03]
FRAUD_SHARES = [0.08, 0.05, 0.06, 0.13, 0.18, 0.28, 0.22]
CHANNELS = ["chip", "contactless", "online"]
# Shares of the day's payments by hour: honest customers sleep.
HONEST_HOURS = [1, 1, 1, 1, 1, 2, 4, 7, 9, 9, 10, 12, 14, 13, 11, 11, 12, 14, 15, 13, 10, 7, 4, 2]
FRAUD_HOURS = [9, 10, 10, 9, 8, 6, 4, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 7, 8]
DAY = 86_400


def transactions(
    rows: int, cards: int, fraud_share: float, year: int, drift_month: int, seed: int
) -> pd.DataFrame:
    """Return generated card payments in the order of their time.

    Args:
        rows: the number of payments.
        cards: the number of cards.
        fraud_share: the share of the payments that is fraud, 0 to 1.
        year: the calendar year that the payments fill.
        drift_month: the month, 1 to 12, in which behaviour differs.
        seed: the seed; equal arguments give equal frames.
    """
    # RandomState and not default_rng: NumPy has frozen its streams (NEP 19), so the digest in
    # data.yaml holds for every version of NumPy. Sums and logarithms are rounded for the same
    # reason: their last bit differs between processors.
    random = np.random.RandomState(seed)
    frauds = round(rows * fraud_share)
    spending = np.exp(random.normal(3.2, 0.5, cards))
    activity = random.gamma(2.0, 1.0, cards)
    honest = _honest(random, rows - frauds, activity / activity.sum(), year)
    stolen = _fraud(random, frauds, cards, year)
    frame = pd.concat([honest, stolen], ignore_index=True)
    _describe(random, frame, spending, drift_month)
    frame = frame.sort_values(["time", "card"], kind="stable", ignore_index=True)
    return _finish(frame, random.permutation(cards))


def _honest(random: np.random.RandomState, rows: int, share: np.ndarray, year: int) -> pd.DataFrame:
    hours = np.array(HONEST_HOURS) / sum(HONEST_HOURS)
    hour = random.choice(24, rows, p=hours)
    seconds = _days(random, rows, year) * DAY + hour * 3600 + random.randint(0, 3600, rows)
    return pd.DataFrame(
        {
            "card": random.choice(len(share), rows, p=share),
            "is_fraud": np.zeros(rows, dtype="int64"),
            "time": _timestamps(year, seconds),
        }
    )


def _fraud(random: np.random.RandomState, rows: int, cards: int, year: int) -> pd.DataFrame:
    """Bursts of about four payments with one card within six hours."""
    bursts = max(1, rows // 4)
    hours = np.array(FRAUD_HOURS) / sum(FRAUD_HOURS)
    begin = _days(random, bursts, year) * DAY + random.choice(24, bursts, p=hours) * 3600
    burst = random.randint(0, bursts, rows)
    last = _year_days(year) * DAY - 1
    seconds = np.minimum(begin[burst] + random.randint(0, 6 * 3600, rows), last)
    return pd.DataFrame(
        {
            "card": random.randint(0, cards, bursts)[burst],
            "is_fraud": np.ones(rows, dtype="int64"),
            "time": _timestamps(year, seconds),
        }
    )


def _describe(
    random: np.random.RandomState, frame: pd.DataFrame, spending: np.ndarray, drift_month: int
) -> None:
    """Add what a payment looks like, which depends on who makes it and when."""
    rows = len(frame)
    fraud = frame["is_fraud"].to_numpy() == 1
    drift = frame["time"].dt.month.to_numpy() == drift_month
    level = np.where(fraud, np.where(drift, 0.7, 2.4), np.where(drift, 1.35, 1.0))
    spread = np.exp(random.normal(0.0, 0.7, rows))
    frame["amount"] = (spending[frame["card"]] * level * spread).clip(0.5, 9_999.0).round(2)
    honest = random.choice(CATEGORIES, rows, p=HONEST_SHARES)
    frame["merchant_category"] = np.where(
        fraud, random.choice(CATEGORIES, rows, p=FRAUD_SHARES), honest
    )
    online = random.random_sample(rows) < np.where(fraud, 0.75, np.where(drift, 0.42, 0.27))
    chip = random.random_sample(rows) < np.where(frame["amount"] > 50, 0.8, 0.25)
    frame["channel"] = np.where(online, "online", np.where(chip, "chip", "contactless"))
    frame["is_foreign"] = random.random_sample(rows) < np.where(fraud, 0.35, 0.05)


def _finish(frame: pd.DataFrame, numbers: np.ndarray) -> pd.DataFrame:
    """Add what the payment system knows of the card's past, and put the columns in order."""
    past = frame.groupby("card")["amount"]
    before = past.cumsum() - frame["amount"]
    count = past.cumcount()
    # A new card has no past: the average of its first payment is that payment.
    average = (before / count.where(count > 0)).fillna(frame["amount"]).round(2)
    return pd.DataFrame(
        {
            "card_id": "card-" + pd.Series(numbers[frame["card"]]).astype(str).str.zfill(5),
            "time": frame["time"],
            "amount": frame["amount"],
            "merchant_category": frame["merchant_category"],
            "channel": frame["channel"],
            "is_foreign": frame["is_foreign"],
            "card_average_amount": average,
            "payments_last_24h": _recent(frame),
            "is_fraud": frame["is_fraud"],
        }
    )


def _recent(frame: pd.DataFrame) -> np.ndarray:
    """Count the earlier payments of the same card within the 24 hours before each one."""
    seconds = frame["time"].astype("datetime64[s]").astype("int64")
    counts = np.zeros(len(frame), dtype="int64")
    for positions in frame.groupby("card").indices.values():
        times = seconds.to_numpy()[positions]
        first = np.searchsorted(times, times - DAY, side="left")
        counts[positions] = np.arange(len(times)) - first
    return counts


def _days(random: np.random.RandomState, rows: int, year: int) -> np.ndarray:
    return random.randint(0, _year_days(year), rows)


def _year_days(year: int) -> int:
    return (pd.Timestamp(year + 1, 1, 1) - pd.Timestamp(year, 1, 1)).days


def _timestamps(year: int, seconds: np.ndarray) -> pd.Series:
    return pd.Series(pd.Timestamp(year, 1, 1) + pd.to_timedelta(seconds, unit="s"))
