"""A finished run on its way into MLflow: parameters, metrics, datasets, the logged model."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from mergeline.registry.facts import RecordedRun
from mergeline.registry.mlflow.package import with_mlmodel
from mergeline.registry.names import DATASET_DIGEST

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput

    from mergeline.registry.facts import DatasetFacts, RunFacts


def log_run(
    client: MlflowClient, facts: RunFacts, artifacts: Path | None, tracking_uri: str
) -> RecordedRun:
    """Record a finished run; one that cannot be recorded to its end is marked as failed.

    Args:
        client: MLflow's own.
        facts: what is recorded.
        artifacts: where a local store keeps them; None: the server decides.
        tracking_uri: the address of the server or store.
    """
    experiment = _experiment(client, facts.model, artifacts)
    tags = {**facts.tags, **facts.run_tags}
    run = client.create_run(experiment, tags=tags, run_name=f"{facts.model} {facts.version}")
    run_id = run.info.run_id
    try:
        model_uri = _log(client, experiment, run_id, facts)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")
    return RecordedRun(run_id, model_uri, tracking_uri)


def tags_of_runs(client: MlflowClient, model: str, tag: str) -> dict[str, str]:
    """Return a tag's value by the identifier of each run of a model that has it."""
    experiment = client.get_experiment_by_name(model)
    values: dict[str, str] = {}
    token: str | None = None
    while experiment is not None:
        page = client.search_runs(
            [experiment.experiment_id],
            filter_string=f"tags.`{tag}` LIKE '%'",
            max_results=1000,
            page_token=token,
        )
        values |= {run.info.run_id: run.data.tags[tag] for run in page}
        token = page.token
        if not token:
            break
    return values


def _experiment(client: MlflowClient, name: str, artifacts: Path | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = (artifacts / name).resolve().as_uri() if artifacts else None
    return str(client.create_experiment(name, artifact_location=location))


def _log(client: MlflowClient, experiment: str, run_id: str, facts: RunFacts) -> str:
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus, Metric, Param

    now = time.time_ns() // 1_000_000
    metrics = [Metric(key, value, now, 0) for key, value in facts.metrics.items()]
    params = [Param(key, value) for key, value in facts.params.items()]
    client.log_batch(run_id, metrics=metrics, params=params)
    client.log_inputs(run_id, [_dataset_input(dataset) for dataset in facts.datasets])
    for artifact in facts.artifacts:
        client.log_artifact(run_id, str(artifact))
    model = client.create_logged_model(
        experiment,
        name=facts.model,
        source_run_id=run_id,
        tags=dict(facts.tags),
        params=dict(facts.params),
        model_type="sklearn",
    )
    with with_mlmodel(facts.model_dir) as folder:
        client.log_model_artifacts(model.model_id, str(folder))
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
    for key, value in facts.metrics.items():
        client.log_metric(run_id, key, value, model_id=model.model_id)
    return f"models:/{model.model_id}"


def _dataset_input(dataset: DatasetFacts) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    # MLflow's column for a dataset's digest holds 36 characters: the full one is a tag.
    short = dataset.digest.removeprefix("sha256:")[:36]
    columns = [
        {"name": name, "type": kind, "required": required}
        for name, kind, required in dataset.columns
    ]
    entity = Dataset(
        name=dataset.name,
        digest=short,
        source_type="uri",
        source=json.dumps({"uri": dataset.uri}),
        schema=json.dumps({"mlflow_colspec": columns}) if columns else None,
        profile=None if dataset.rows is None else json.dumps({"num_rows": dataset.rows}),
    )
    tags = [
        InputTag("mlflow.data.context", "training"),
        InputTag(DATASET_DIGEST, dataset.digest),
    ]
    return DatasetInput(entity, tags)
