"""The connection to an MLflow server or local store, made when it is first needed."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.libraries import missing_library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

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


class Connection:
    """One MLflow server or local store."""

    def __init__(self, tracking_uri: str, store: Path | None) -> None:
        """Take the address, and the file of a local store; nothing is loaded or asked yet."""
        self.tracking_uri = tracking_uri
        self._store = store

    @cached_property
    def client(self) -> MlflowClient:
        """MLflow's own client."""
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
    def answers(self, asked: str) -> Iterator[None]:
        """Turn whatever MLflow raises into an error that says where it was asked for what."""
        try:
            from mlflow.exceptions import MlflowException
            from requests.exceptions import RequestException
            from sqlalchemy.exc import SQLAlchemyError
        except ImportError as error:
            # For whoever asks, this is a registry that does not answer.
            raise missing_library(error, f"asking MLflow at {self.tracking_uri}") or error from None
        try:
            yield
        except (MlflowException, RequestException, SQLAlchemyError, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error)
            raise ToolError(
                f"MLflow at {self.tracking_uri} could not {asked}: {reason}",
                hint="is the server up, and MLFLOW_TRACKING_URI right?",
            ) from error


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
