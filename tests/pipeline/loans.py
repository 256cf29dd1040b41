"""A model of which only the data step runs: 20,000 loans, wherever they come from."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mergeline.pipeline.frame_digest import digest_frame
from mergeline.pipeline.json_file import read_json
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.steps.data import DataStep
from mergeline.specs.types.data import Column
from pipeline import models
from pipeline.workspace import HEADER, LOCKFILE, Workspace, common, template, training

if TYPE_CHECKING:
    from mergeline.findings import Finding

ROWS = 20_000
DATA = "models/loans/data.yaml"
COLUMNS = {
    "number": "int64",
    "amount": "float64",
    "country": "string",
    "secured": "bool",
    "paid_at": "datetime64",
    "repaid": "int64",
}


def loans() -> pd.DataFrame:
    number = np.arange(ROWS)
    return pd.DataFrame(
        {
            "number": number,
            "amount": number / 7,
            "country": pd.Series(np.where(number % 3 == 0, None, "dé"), dtype=object),
            "secured": number % 2 == 0,
            "paid_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(number, unit="min"),
            "repaid": number % 5 % 2,
        }
    )


def digest_of(frame: pd.DataFrame) -> str:
    columns = [Column(name=name, type=kind, nullable=True) for name, kind in COLUMNS.items()]
    return digest_frame(frame, columns)


class Loans(Workspace):
    """The work tree, with its data step."""

    def source(self, text: str, *, pii: bool = False, retention: str | None = None) -> None:
        """Say where the data come from."""
        listed = "".join(
            f"      - {{name: {name}, type: {kind}, nullable: {str(name == 'country').lower()}, "
            f"pii: {str(pii and name == 'country').lower()}}}\n"
            for name, kind in COLUMNS.items()
        )
        self.write(
            DATA,
            f"{HEADER}Data\ndatasets:\n  - name: loans\n    source: {{{text}}}\n"
            f"    digest: {digest_of(loans())}\n    retention: {retention or 'null'}\n"
            f"    columns:\n{listed}target: repaid\n"
            "split: {strategy: random, test_fraction: 0.2, random_seed: 1}\n",
        )

    def read(self, *, days: int = 0, **given: Any) -> dict[str, Any]:
        """Run the data step, some days later, and return what data.json says."""
        context = self.context("loans", **given)
        now = context.clock() + timedelta(days=days)
        with tempfile.TemporaryDirectory() as folder:
            DataStep().run(replace(context, clock=lambda: now), {}, Path(folder))
            facts: dict[str, Any] = read_json(Path(folder) / "data.json")
            return facts

    def refused(self, **given: Any) -> Finding:
        """Run the data step, whose answer must be no for one reason."""
        try:
            self.read(**given)
        except StepFailedError as failure:
            [finding] = failure.findings
            return finding
        raise AssertionError("nothing was wrong")

    def contents(self, kind: str = "data/shared") -> list[Path]:
        """Return the files of the store."""
        return list((self.root / ".mergeline" / kind / "sha256").glob("*/*"))

    def receipts(self, kind: str = "data/shared") -> list[Path]:
        """Return the receipts of the store."""
        return list((self.root / ".mergeline" / kind / "datasets").iterdir())


def laid_out(root: Path) -> Loans:
    """Make the model, its source yet to be said."""
    work = Loans(root)
    work.write("requirements.txt", LOCKFILE)
    work.write("pipelines/classification.yaml", template("classification", models.CLASSIFICATION))
    files = {
        **common("loans", "classification"),
        "features.yaml": (
            f"{HEADER}Features\nfeatures:\n  - name: amount\n    version: 1\n"
            "    owner: team-tests\n    inputs: [amount]\n    transform: {type: passthrough}\n"
        ),
        "training.yaml": training(
            "classification", "sklearn.linear_model.LogisticRegression", {"C": 1.0}
        ),
        "evaluation.yaml": (
            f"{HEADER}Evaluation\nmetrics:\n  - {{name: roc_auc, greater_is_better: true}}\n"
            "confidence: {resamples: 200, random_seed: 1}\n"
        ),
    }
    for name, text in files.items():
        work.write(f"models/loans/{name}", text)
    return work
