"""The four steps that `dvc repro` runs: each reads and writes below build/ only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import yaml

BUILD = Path("build")


def data() -> None:
    """Fetch the Wisconsin data and split them, both classes in equal shares."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split

    wanted = _parameters("split")
    rows, target = load_breast_cancer(return_X_y=True)
    parts = train_test_split(
        rows,
        target,
        test_size=wanted["test_fraction"],
        random_state=wanted["random_seed"],
        stratify=target,
    )
    _write("data", train=parts[0], test=parts[1], train_target=parts[2], test_target=parts[3])


def features() -> None:
    """Standardise every column by the training rows."""
    from sklearn.preprocessing import StandardScaler

    split = _read("data")
    scaler = StandardScaler().fit(split["train"])
    split["train"] = scaler.transform(split["train"])
    split["test"] = scaler.transform(split["test"])
    _write("features", **split)


def train() -> None:
    """Fit the logistic regression."""
    from sklearn.linear_model import LogisticRegression

    wanted = _parameters("training")
    wanted["random_state"] = wanted.pop("random_seed")
    split = _read("features")
    model = LogisticRegression(**wanted).fit(split["train"], split["train_target"])
    _write("train", coefficients=model.coef_[0], intercept=model.intercept_)


def evaluate() -> None:
    """Measure it on the test rows."""
    from sklearn.metrics import roc_auc_score

    split, model = _read("features"), _read("train")
    score = split["test"] @ model["coefficients"] + model["intercept"]
    metrics = {"roc_auc": float(roc_auc_score(split["test_target"], score))}
    (BUILD / "metrics.json").write_text(json.dumps(metrics))


def _parameters(name: str) -> dict[str, float]:
    return dict(yaml.safe_load(Path("params.yaml").read_text())[name])


def _read(step: str) -> dict[str, np.ndarray]:
    with np.load(BUILD / step / "arrays.npz") as arrays:
        return dict(arrays)


def _write(step: str, **arrays: np.ndarray) -> None:
    folder = BUILD / step
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "arrays.npz", **arrays)


if __name__ == "__main__":
    {"data": data, "features": features, "train": train, "evaluate": evaluate}[sys.argv[1]]()
