"""All that MLflow holds of a version, read back place by place.

A version's own metrics and the name of its logged model are empty on SQL stores: the source
names the logged model.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mergeline.registry.facts import Entry
from mergeline.registry.mlflow.versions import absent, as_version
from mergeline.registry.names import DATASET_DIGEST, RUN_ID, SOURCE
from mergeline.registry.places import Fact, Place, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, LoggedModel

    from mergeline.registry.facts import RegisteredVersion

Found = tuple[Fact, str | None]


def read_entry(client: MlflowClient, model: str, version: RegisteredVersion) -> Entry:
    """Return a version with its aliases and facts; what is gone is left out."""
    whole = as_version(client.get_model_version(model, str(version.number)))
    found = [*_of_version(model, whole), *_of_model(client, whole), *_of_run(client, whole)]
    return Entry(whole, {fact: value for fact, value in found if value is not None})


def _of_version(model: str, version: RegisteredVersion) -> Iterator[Found]:
    yield Fact(Place.NAME, "name"), model
    yield Fact(Place.VERSION, RUN_ID), version.run_id
    yield Fact(Place.VERSION, SOURCE), version.model_uri
    for key, value in version.tags.items():
        yield Fact(Place.VERSION_TAG, key), value
    for alias in version.aliases:
        yield Fact(Place.ALIAS, alias), alias


def _of_model(client: MlflowClient, version: RegisteredVersion) -> Iterator[Found]:
    from mlflow.exceptions import MlflowException

    prefix, _, name = (version.model_uri or "").rpartition("/")
    if prefix != "models:":
        return
    try:
        logged: LoggedModel = client.get_logged_model(name)
    except MlflowException as error:
        if absent(error):
            return
        raise
    for key, value in (logged.tags or {}).items():
        yield Fact(Place.MODEL_TAG, key), value
    for key, value in (logged.params or {}).items():
        yield Fact(Place.MODEL_PARAM, key), value
    for metric in logged.metrics or ():
        yield Fact(Place.MODEL_METRIC, metric.key), text(float(metric.value))


def _of_run(client: MlflowClient, version: RegisteredVersion) -> Iterator[Found]:
    from mlflow.exceptions import MlflowException

    if not version.run_id:
        return
    try:
        run = client.get_run(version.run_id)
    except MlflowException as error:
        if absent(error):
            return
        raise
    for given in run.inputs.dataset_inputs if run.inputs else ():
        yield from _of_dataset(given)


def _of_dataset(given: DatasetInput) -> Iterator[Found]:
    name, tags = given.dataset.name, {tag.key: tag.value for tag in given.tags}
    yield Fact(Place.DATASET, name), name
    yield Fact(Place.DATASET, f"{name} digest"), tags.get(DATASET_DIGEST)
    yield Fact(Place.DATASET, f"{name} uri"), _part(given.dataset.source, "uri")
    yield Fact(Place.DATASET, f"{name} rows"), _part(given.dataset.profile, "num_rows")


def _part(document: str | None, key: str) -> str | None:
    try:
        return text(json.loads(document or "{}").get(key))
    except (ValueError, AttributeError):
        return None
