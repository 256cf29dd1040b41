from __future__ import annotations

import pytest
from sklearn import datasets, metrics
from sklearn.preprocessing import StandardScaler

from mergeline.pipeline.steps.record import RecordStep
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve
from pipeline.models import bundled
from pipeline.workspace import statuses

pytestmark = pytest.mark.slow


def test_breast_cancer_from_data_to_a_recorded_run(work):
    columns = list(datasets.load_breast_cancer().feature_names)
    files = bundled(
        "cancer",
        "classification",
        "load_breast_cancer",
        columns=columns,
        estimator="sklearn.linear_model.LogisticRegression",
        metric="roc_auc",
    )
    for name, text in files.items():
        work.write(f"models/cancer/{name}", text)
    work.seal("cancer")
    registry = MlflowRegistry(resolve(work.root, {}))
    result = work.run("cancer", registry=registry, commit="c" * 40, clean=True)
    assert result.outcome == "passed", result.findings
    assert statuses(result)["record"] == "ran"
    assert result.mlflow.run_id
    assert result.features["test_rows"] == 143
    assert result.metrics[0]["value"] > 0.98
    _recorded(registry, result)
    again = work.run("cancer", registry=registry, commit="c" * 40, clean=True)
    assert set(statuses(again).values()) == {"cached"}
    assert again.mlflow == result.mlflow
    later = work.run("cancer", registry=registry, commit="d" * 40, clean=True)
    assert [step.name for step in later.steps if step.status == "ran"] == ["record"]
    _is_recorded_again_once_the_store_is_lost(work, registry, work.root / result.paths["record"])


def _is_recorded_again_once_the_store_is_lost(work, registry, record):
    context = work.context("cancer", registry=registry)
    store = work.root / ".mergeline/mlflow.db"
    assert RecordStep().holds(context, record)
    store.rename(store.with_suffix(".lost"))
    assert not RecordStep().holds(context, record)
    store.write_bytes(b"")
    assert not RecordStep().holds(context, record)


def _recorded(registry, result):
    import mlflow

    run = mlflow.MlflowClient(registry.tracking_uri).get_run(result.mlflow.run_id)
    assert run.data.metrics["roc_auc"] == result.metrics[0]["value"]
    assert run.data.tags["mergeline.artifact_digest"] == result.digests["artifact"]
    assert run.data.params["estimator"].endswith("LogisticRegression")
    names = {item.dataset.name for item in run.inputs.dataset_inputs}
    assert names == {"cancer", "cancer-test"}


def test_diabetes_gives_what_scikit_learn_gives(work):
    columns = list(datasets.load_diabetes().feature_names)
    files = bundled(
        "diabetes",
        "regression",
        "load_diabetes",
        columns=columns,
        estimator="sklearn.linear_model.Ridge",
        metric="mean_absolute_error",
    )
    for name, text in files.items():
        work.write(f"models/diabetes/{name}", text)
    work.seal("diabetes")
    result = work.run("diabetes")
    assert result.outcome == "passed", result.findings
    assert result.metrics[0]["value"] == pytest.approx(_by_hand(columns))
    residuals = result.evaluation["curves"]["candidate"]["residuals"]
    assert len(residuals["predicted"]) == 111


def _by_hand(columns):
    import numpy as np
    from sklearn.linear_model import Ridge

    frame = datasets.load_diabetes(as_frame=True).frame
    test = np.zeros(len(frame), dtype=bool)
    test[np.random.RandomState(7).permutation(len(frame))[:111]] = True
    scaler = StandardScaler().fit(frame.loc[~test, columns])
    model = Ridge().fit(scaler.transform(frame.loc[~test, columns]), frame.loc[~test, "target"])
    said = model.predict(scaler.transform(frame.loc[test, columns]))
    return metrics.mean_absolute_error(frame.loc[test, "target"], said)
