"""Fits every estimator that is said to be repeatable; prints digests of models and answers.

python fitted.py THREADS [NAME…]: a program of its own, so that a test can start it in another
process, with another hash seed, other limits of threads and in another directory.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mergeline.digest import digest_file
from mergeline.pipeline.construct import find_class
from mergeline.pipeline.predictions import predict
from mergeline.pipeline.predictions_digest import digest_predictions
from mergeline.pipeline.seeds import repeatable
from mergeline.pipeline.skops_file import dump_model, load_model

SEED = 7
ROWS = 3000
# Class to hyperparameters. First those of the reference models and of `mergeline new`.
ESTIMATORS: dict[str, dict[str, Any]] = {
    "sklearn.linear_model.LogisticRegression": {"max_iter": 1000},
    "sklearn.linear_model.Ridge": {"solver": "cholesky"},
    "sklearn.ensemble.HistGradientBoostingClassifier": {"max_iter": 30},
    "sklearn.ensemble.HistGradientBoostingRegressor": {"max_iter": 30},
    "sklearn.linear_model.LinearRegression": {},
    "sklearn.linear_model.ElasticNet": {"alpha": 0.01},
    "sklearn.linear_model.SGDClassifier": {"loss": "log_loss"},
    "sklearn.ensemble.RandomForestClassifier": {"n_estimators": 20, "n_jobs": 2},
    "sklearn.ensemble.RandomForestRegressor": {"n_estimators": 20, "n_jobs": 2},
    "sklearn.ensemble.ExtraTreesClassifier": {"n_estimators": 20},
    "sklearn.ensemble.GradientBoostingClassifier": {"n_estimators": 20},
    "sklearn.tree.DecisionTreeClassifier": {},
    "sklearn.neighbors.KNeighborsClassifier": {},
    "sklearn.neural_network.MLPClassifier": {"max_iter": 15},
    "sklearn.naive_bayes.GaussianNB": {},
    "sklearn.svm.SVC": {"kernel": "rbf"},
}
NUMBERS = [f"number {index}" for index in range(40)]


def table(*, classes: bool) -> tuple[pd.DataFrame, Any]:
    """Numbers with gaps, a word and a text, and an answer that depends on them."""
    generator = np.random.default_rng(SEED)
    numbers = generator.normal(size=(ROWS, len(NUMBERS)))
    answer = numbers @ generator.normal(size=len(NUMBERS)) + generator.normal(size=ROWS)
    frame = pd.DataFrame(numbers, columns=NUMBERS)
    frame[NUMBERS[0]] = frame[NUMBERS[0]].mask(numbers[:, 1] > 1.5)
    frame["word"] = generator.choice(["red", "green", "blue"], size=ROWS)
    frame["text"] = [" ".join(generator.choice(list("abcdef"), size=5)) for _ in range(ROWS)]
    return frame, (answer > 0).astype("int64") if classes else answer


def transforms() -> ColumnTransformer:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())])
    words = TfidfVectorizer(token_pattern=r"\w")
    return ColumnTransformer(
        [
            ("numbers", numbers, NUMBERS),
            ("word", OneHotEncoder(), ["word"]),
            ("text", words, "text"),
        ],
        sparse_threshold=0,
    )


def digests(path: str, threads: int) -> list[str]:
    from sklearn.base import is_classifier

    cls, _ = find_class(path, None, (), "")
    estimator = cls(**ESTIMATORS[path])
    if "random_state" in estimator.get_params(deep=False):
        estimator.set_params(random_state=SEED)
    frame, answer = table(classes=is_classifier(estimator))
    pipeline = Pipeline([("features", transforms()), ("estimator", estimator)])
    with repeatable(SEED, threads), tempfile.TemporaryDirectory() as folder:
        pipeline.fit(frame, answer)
        file = Path(folder, "model.skops")
        dump_model(pipeline, file)
        return [digest_file(file), digest_predictions(predict(load_model(file), frame[:500]))]


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    asked = sys.argv[2:] or list(ESTIMATORS)
    json.dump({name: digests(name, int(sys.argv[1])) for name in asked}, sys.stdout)
