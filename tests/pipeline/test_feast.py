"""Feast itself reads what is exported: it plans, applies, and gives the values of a training."""

from __future__ import annotations

import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mergeline.cli import main
from pipeline.beside import environment
from pipeline.test_shared_features import REFERENCE

if TYPE_CHECKING:
    from pipeline.workspace import Workspace

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
RETRIEVE = """\
import json, sys
from pathlib import Path
import pandas
from feast import FeatureStore
from feast.repo_operations import apply_total
here = Path().resolve()
store = FeatureStore(repo_path=str(here))
apply_total(store.config, here, True)
keys = pandas.read_parquet("data/sales.parquet")[["row_number", "event_timestamp"]].tail(5)
service = store.get_feature_service(sys.argv[1])
got = store.get_historical_features(entity_df=keys, features=service).to_df()
views = [one.name for one in service.feature_view_projections]
tags = store.get_on_demand_feature_view("toy__amount_log").tags
got = got.sort_values("row_number").to_json()
print(json.dumps({"got": got, "views": views, "tags": tags}))
"""


def feast(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": str(environment("feast")), "HOME": str(folder), "FEAST_USAGE": "False"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_feast_plans_the_reference_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "features"
    assert main(["-C", str(ROOT), "features", "export", "--output", str(folder)]) == 0
    assert "payment-fraud: given as inputs" in capsys.readouterr().out
    said = feast(folder, "feast", "plan")
    for made in (
        "Created entity generated_payments__row_number",
        "Created feature view breast_cancer_diagnosis__nucleus_size",
        "Created feature view diabetes_progression__body",
        "Created feature view payment_fraud__merchant",
        "Created on demand feature view payment_fraud__hour_sin",
        *(
            f"Created feature service {model.name.replace('-', '_')}"
            for model in (ROOT / "models").iterdir()
        ),
    ):
        assert made in said


def test_feast_gives_what_the_model_is_trained_on(work: Workspace, tmp_path: Path, monkeypatch):
    shutil.copytree(work.root / "models/toy", work.root / "models/borrower")
    work.edit("models/borrower/model.yaml", "name: toy", "name: borrower")
    work.write("models/borrower/features.yaml", REFERENCE)
    folder = tmp_path / "features"
    export = ["-C", str(work.root), "features", "export", "--output", str(folder), "--data"]
    with monkeypatch.context() as here:
        # Rows are read in a process that has no credential.
        here.setattr(pd, "read_parquet", None)
        # Of the dataset that both have, the run of one is enough.
        assert main(export) == 0
    said = json.loads(feast(folder, "python", "-c", RETRIEVE, "borrower").splitlines()[-1])
    assert said["views"] == ["toy__amount_log", "toy__country"]
    assert said["tags"] == {"model": "toy", "version": "1", "transform": "python", "pii": "false"}
    got = pd.read_json(StringIO(said["got"]))
    data = pd.read_parquet(
        next(work.root.glob(".mergeline/private/cache/data/*/data.parquet"))
    ).tail(5)
    assert list(got["country"]) == list(data["country"])
    assert np.allclose(got["amount_log"], np.log2(data["amount"]))


def test_rows_that_no_run_has_read_are_refused(work: Workspace, tmp_path: Path, capsys):
    shutil.rmtree(work.root / ".mergeline")
    folder = tmp_path / "features"
    export = ["-C", str(work.root), "features", "export", "--output", str(folder), "--data"]
    assert main(export) == 1
    assert "no run here has read the dataset sales" in capsys.readouterr().err
    assert not folder.exists()
