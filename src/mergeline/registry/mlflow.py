"""MLflow as the registry: runs, logged models, versions, tags and aliases.

The only importer of MLflow, which takes more than a second to load: nothing imports this
module before it needs an answer from the registry.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput
    from mlflow.entities.model_registry import ModelVersion

    from mergeline.registry.facts import DatasetFacts, RunFacts
    from mergeline.settings import Settings

from mergeline.registry.facts import RecordedRun, RegisteredVersion
from mergeline.registry.tags import DIGEST, VERSION

# MLflow's own defaults retry for minutes and report usage; a variable that is set wins.
_QUIET = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Standard output is for the answer, which may be JSON.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}
# The column types of data.yaml in MLflow's names.
_TYPES = {
    "float64": "double",
    "int64": "long",
    "bool": "boolean",
    "string": "string",
    "datetime64": "datetime",
}
# An evaluation is some 100 kB; what is much larger was not written by a run.
LARGEST = 20_000_000
_NOT_THERE = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}


class MlflowRegistry:
    """The registry of one MLflow server or local store; it connects when it is first asked."""

    def __init__(self, settings: Settings) -> None:
        """Take the address; nothing is loaded or asked yet."""
        self.tracking_uri = settings.tracking_uri
        self._store = settings.local_store
        self._artifacts = settings.artifact_location
        self._models = settings.state / "models"

    @cached_property
    def _client(self) -> MlflowClient:
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        if self._store and not self._store.exists():
            _make_store(self._store)
        # Parts of MLflow make clients of their own and look for the address here only.
        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.tracking_uri)
        return mlflow.MlflowClient()

    @property
    def empty(self) -> bool:
        """Is this a local store that was never written to? Found without loading MLflow."""
        return self._store is not None and not self._store.exists()

    @contextmanager
    def _answers(self, asked: str) -> Iterator[None]:
        """Turn whatever MLflow raises into an error that says where it was asked for what."""
        from mlflow.exceptions import MlflowException
        from requests.exceptions import RequestException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (MlflowException, RequestException, SQLAlchemyError, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error)
            raise ToolError(
                f"MLflow at {self.tracking_uri} could not {asked}: {reason}",
                hint="is the server up, and MLFLOW_TRACKING_URI right?",
            ) from error

    def log_run(self, facts: RunFacts) -> RecordedRun:
        """Record a finished run with its parameters, metrics, datasets and model.

        Raises:
            ToolError: MLflow does not answer.
        """
        with self._answers("record the run"):
            experiment = self._experiment(facts.model)
            run = self._client.create_run(
                experiment, tags=dict(facts.tags), run_name=f"{facts.model} {facts.version}"
            )
            run_id = run.info.run_id
            try:
                model_uri = self._log(experiment, run_id, facts)
            except BaseException:
                self._client.set_terminated(run_id, "FAILED")
                raise
            self._client.set_terminated(run_id, "FINISHED")
        return RecordedRun(run_id, model_uri, self.tracking_uri)

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        location = (self._artifacts / name).resolve().as_uri() if self._artifacts else None
        return str(self._client.create_experiment(name, artifact_location=location))

    def _log(self, experiment: str, run_id: str, facts: RunFacts) -> str:
        from mlflow.entities import LoggedModelOutput, LoggedModelStatus, Metric, Param

        now = time.time_ns() // 1_000_000
        metrics = [Metric(key, value, now, 0) for key, value in facts.metrics.items()]
        params = [Param(key, value) for key, value in facts.params.items()]
        self._client.log_batch(run_id, metrics=metrics, params=params)
        self._client.log_inputs(run_id, [_dataset_input(dataset) for dataset in facts.datasets])
        for artifact in facts.artifacts:
            self._client.log_artifact(run_id, str(artifact))
        model = self._client.create_logged_model(
            experiment,
            name=facts.model,
            source_run_id=run_id,
            tags=dict(facts.tags),
            params=dict(facts.params),
            model_type="sklearn",
        )
        with _with_mlmodel(facts.model_dir) as folder:
            self._client.log_model_artifacts(model.model_id, str(folder))
        self._client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        self._client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
        for key, value in facts.metrics.items():
            self._client.log_metric(run_id, key, value, model_id=model.model_id)
        return f"models:/{model.model_id}"

    def register(self, model: str, run: RecordedRun, tags: Mapping[str, str]) -> RegisteredVersion:
        """Register a recorded run as a version; the one with this digest if it is there.

        Args:
            model: the registered model's name, made if it is new.
            run: the run and its logged model.
            tags: the registry entry, digest and SemVer among them; set together with it.

        Raises:
            ToolError: MLflow does not answer.
        """
        with self._answers("register the version"):
            for version in self._search(model, DIGEST, tags[DIGEST]):
                return version
            self._ensure_model(model)
            made = self._client.create_model_version(
                model,
                source=run.model_uri,
                run_id=run.run_id,
                tags=dict(tags),
                # A server asks for it apart, although the source names it.
                model_id=run.model_uri.rpartition("/")[2],
            )
        return _version(made, ())

    def _ensure_model(self, model: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def versions(self, model: str) -> list[RegisteredVersion]:
        """Return all versions of a model, oldest first.

        Raises:
            ToolError: MLflow does not answer.
        """
        if self.empty:
            return []
        with self._answers("list the versions"):
            found = self._client.search_model_versions(f"name = '{model}'")
        return sorted((_version(item, ()) for item in found), key=lambda item: item.number)

    def find(self, model: str, version: str) -> RegisteredVersion | None:
        """Return the newest registered version with a SemVer, or None.

        Raises:
            ToolError: MLflow does not answer.
        """
        if self.empty:
            return None
        with self._answers("look a version up"):
            found = self._search(model, VERSION, version)
        return max(found, key=lambda item: item.number, default=None)

    def _search(self, model: str, tag: str, value: str) -> list[RegisteredVersion]:
        # Names, versions and digests have no quotes: the schemas see to that.
        text = f"name = '{model}' and tags.`{tag}` = '{value}'"
        return [_version(item, ()) for item in self._client.search_model_versions(text)]

    def aliases(self, model: str) -> dict[str, RegisteredVersion]:
        """Return the aliases of a model and the versions they point to.

        Raises:
            ToolError: MLflow does not answer.
        """
        if self.empty:
            return {}
        from mlflow.exceptions import MlflowException

        with self._answers("tell the aliases"):
            try:
                registered = self._client.get_registered_model(model)
            except MlflowException as error:
                if error.error_code in _NOT_THERE:
                    return {}
                raise
            return {
                alias: _version(self._client.get_model_version(model, number), (alias,))
                for alias, number in sorted(registered.aliases.items())
            }

    def set_alias(self, model: str, alias: str, number: int) -> None:
        """Point an alias to a version.

        Raises:
            ToolError: MLflow does not answer.
        """
        with self._answers("move an alias"):
            self._client.set_registered_model_alias(model, alias, str(number))

    def set_tags(self, model: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version.

        Raises:
            ToolError: MLflow does not answer.
        """
        with self._answers("set a tag"):
            for key, value in tags.items():
                self._client.set_model_version_tag(model, str(number), key, value)

    def read_artifact(self, run_id: str, name: str) -> bytes | None:
        """Return a file that a run left, cut after `LARGEST` bytes; None: no such run or file.

        Raises:
            ToolError: MLflow does not answer.
        """
        if self.empty:
            return None
        from mlflow.exceptions import MlflowException

        with self._answers("give a file of the run"):
            try:
                there = [one.path for one in self._client.list_artifacts(run_id)]
            except MlflowException as error:
                if error.error_code in _NOT_THERE:
                    return None
                raise
            if name not in there:
                return None
            with tempfile.TemporaryDirectory() as directory:
                path = Path(self._client.download_artifacts(run_id, name, directory))
                with path.open("rb") as file:
                    return file.read(LARGEST)

    def download_model(self, model: str, digest: str) -> Path:
        """Bring the packaged model of a release here, once.

        Args:
            model: the registered model's name.
            digest: the release's digest.

        Returns:
            The folder with `model.skops` in it.

        Raises:
            ToolError: there is no such version, or MLflow does not answer.
        """
        home = self._models / digest.removeprefix("sha256:")
        if home.is_dir():
            return home
        with self._answers("give the model"):
            found = self._search(model, DIGEST, digest)
            if not found or not found[0].model_uri:
                raise ToolError(
                    f"MLflow at {self.tracking_uri} has no version of {model} with digest {digest}",
                    hint="run mergeline status to see what the registry has",
                )
            _download(found[0].model_uri, home)
        return home


def _make_store(path: Path) -> None:
    """Make a SQLite store beside its place and move it there.

    MLflow makes its tables one by one: killed between two of them, a store that was made in
    its place could never be opened again.
    """
    import mlflow

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".store-") as directory:
        draft = Path(directory, path.name)
        mlflow.MlflowClient(tracking_uri=f"sqlite:///{draft}").search_experiments(max_results=1)
        if not path.exists():
            draft.rename(path)


def _download(uri: str, home: Path) -> None:
    import mlflow

    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as directory:
        fresh = Path(directory, "model")
        fresh.mkdir()
        mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(fresh))
        if not home.is_dir():
            fresh.rename(home)


@contextmanager
def _with_mlmodel(model_dir: Path) -> Iterator[Path]:
    """Give the packaged model the MLmodel file by which MLflow loads it; bytes as they are."""
    import mlflow.sklearn
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    signature = json.loads((model_dir / "signature.json").read_text())
    inputs = Schema(
        [
            ColSpec(_TYPES[column["type"]], column["name"], not column["nullable"])
            for column in signature["inputs"]
        ]
    )
    with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
        folder = Path(directory, "model")
        shutil.copytree(model_dir, folder)
        mlmodel = mlflow.models.Model(signature=ModelSignature(inputs=inputs))
        mlmodel.add_flavor(
            "sklearn",
            pickled_model="model.skops",
            serialization_format="skops",
            sklearn_version=_installed("scikit-learn"),
            code=None,
            skops_trusted_types=None,
        )
        mlmodel.save(str(folder / "MLmodel"))
        yield folder


def _installed(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _dataset_input(dataset: DatasetFacts) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    # MLflow's column for a dataset's digest holds 36 characters: the full one is a tag.
    short = dataset.digest.removeprefix("sha256:")[:36]
    entity = Dataset(
        name=dataset.name,
        digest=short,
        source_type="uri",
        source=json.dumps({"uri": dataset.uri}),
        schema=json.dumps({"mlflow_colspec": _colspec(dataset.frame_path)}),
        profile=json.dumps({"num_rows": dataset.rows}),
    )
    tags = [
        InputTag("mlflow.data.context", "training"),
        InputTag("mergeline.dataset.digest", dataset.digest),
    ]
    return DatasetInput(entity, tags)


def _colspec(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet

    return [
        {"name": field.name, "type": str(field.type), "required": not field.nullable}
        for field in pyarrow.parquet.read_schema(path)
    ]


def _version(found: ModelVersion, aliases: tuple[str, ...]) -> RegisteredVersion:
    tags = dict(found.tags or {})
    return RegisteredVersion(
        number=int(found.version),
        version=tags.get(VERSION),
        digest=tags.get(DIGEST),
        tags=tags,
        aliases=aliases,
        run_id=found.run_id,
        model_uri=found.source,
    )
