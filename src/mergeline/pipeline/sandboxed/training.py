"""A training: for `pipeline/steps/train.py`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from mergeline.pipeline.predictions import labels
from mergeline.pipeline.seeds import repeatable, seed_facts
from mergeline.pipeline.skops_file import dump_model

MODEL = "model.skops"


class Training:
    """An estimator that is not fitted yet."""

    def __init__(self, pipeline: Any, seed: int, threads: int) -> None:
        """Take a pipeline of scikit-learn, the seed, and the number of native threads."""
        self._pipeline, self._seed, self._threads = pipeline, seed, threads

    def fit(self, rows: str, target: str, *, classifies: bool) -> dict[str, Any]:
        """Fit the pipeline, and write `model.skops` to the working folder.

        Args:
            rows: the Parquet file with what the model takes, and the target.
            target: the column that is learned.
            classifies: does it hold classes?

        Returns:
            `rows`: how many; `seeds`; `warnings`: at most ten first lines.

        Raises:
            ValueError: the estimator does not take these rows; TypeError too.
        """
        import joblib

        frame = pd.read_parquet(rows, engine="pyarrow")
        answers = frame[target].to_numpy()
        with (
            repeatable(self._seed, self._threads),
            # There are no processes here but this one.
            joblib.parallel_config(backend="threading"),
            warnings.catch_warnings(record=True) as caught,
        ):
            warnings.simplefilter("always")
            self._pipeline.fit(
                frame.drop(columns=target), labels(answers) if classifies else answers
            )
        dump_model(self._pipeline, Path(MODEL))
        lines = [str(warning.message).splitlines()[0] for warning in caught]
        return {
            "rows": len(frame),
            "seeds": seed_facts(self._seed, self._threads),
            "warnings": list(dict.fromkeys(lines))[:10],
        }
