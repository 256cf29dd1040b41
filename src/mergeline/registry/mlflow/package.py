"""A packaged model into MLflow's form and out of it, its bytes as they are."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The column types of data.yaml in MLflow's names.
_TYPES = {
    "float64": "double",
    "int64": "long",
    "bool": "boolean",
    "string": "string",
    "datetime64": "datetime",
}
MLMODEL = "MLmodel"
_NO_TIME = "1970-01-01 00:00:00.000000"


def mlmodel(signature: Mapping[str, Any]) -> str:
    """Return the MLmodel file by which MLflow loads a packaged model.

    Neither a time nor an identifier is in it: equal models have equal files, and a package's
    digest and signature cover what MLflow will do with it.

    Args:
        signature: signature.json of the package.
    """
    import mlflow.sklearn
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs = Schema(
        [
            ColSpec(_TYPES[column["type"]], column["name"], not column["nullable"])
            for column in signature["inputs"]
        ]
    )
    made = mlflow.models.Model(
        signature=ModelSignature(inputs=inputs), utc_time_created=_NO_TIME, model_uuid=None
    )
    made.add_flavor(
        "sklearn",
        pickled_model="model.skops",
        serialization_format="skops",
        sklearn_version=_installed("scikit-learn"),
        code=None,
        skops_trusted_types=None,
    )
    return str(made.to_yaml())


@contextmanager
def with_mlmodel(model_dir: Path) -> Iterator[Path]:
    """Give a package with its MLmodel file; one of before packages had it gets one beside it."""
    if (model_dir / MLMODEL).exists():
        yield model_dir
        return
    signature = json.loads((model_dir / "signature.json").read_text())
    with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
        folder = Path(directory, "model")
        shutil.copytree(model_dir, folder)
        (folder / MLMODEL).write_text(mlmodel(signature))
        yield folder


def _installed(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def download(uri: str, home: Path) -> None:
    """Bring the artifacts of a logged model to a folder of their own, whole or not at all."""
    import mlflow

    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as directory:
        fresh = Path(directory, "model")
        fresh.mkdir()
        mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(fresh))
        if home.is_dir():
            home.rename(Path(directory, "before"))
        fresh.rename(home)


def download_file(uri: str) -> bytes:
    """Return the bytes of one artifact."""
    import mlflow

    with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
        path = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=directory)
        return Path(path).read_bytes()


def left_on_server(tracking_uri: str, below: str, home: Path) -> Path | None:
    """Bring a folder here that a server's artifacts have below some experiment; None: none has.

    The numbers of experiments are those of a database that may be gone: each folder is tried.
    """
    import mlflow

    if not tracking_uri.startswith(("http://", "https://")):
        return None
    for experiment in mlflow.artifacts.list_artifacts(artifact_uri="mlflow-artifacts:/"):
        address = f"mlflow-artifacts:/{experiment.path}/{below}"
        if mlflow.artifacts.list_artifacts(artifact_uri=address):
            home.mkdir(parents=True)
            return Path(
                mlflow.artifacts.download_artifacts(artifact_uri=address, dst_path=str(home))
            )
    return None
