"""A packaged model into MLflow's form and out of it, its bytes as they are."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The column types of data.yaml in MLflow's names.
_TYPES = {
    "float64": "double",
    "int64": "long",
    "bool": "boolean",
    "string": "string",
    "datetime64": "datetime",
}


@contextmanager
def with_mlmodel(model_dir: Path) -> Iterator[Path]:
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


def download(uri: str, home: Path) -> None:
    """Bring the artifacts of a logged model to a folder of their own, whole or not at all."""
    import mlflow

    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as directory:
        fresh = Path(directory, "model")
        fresh.mkdir()
        mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(fresh))
        if not home.is_dir():
            fresh.rename(home)


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
