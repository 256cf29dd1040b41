"""What the environment says, read once; below the commands nobody reads it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE = ".mergeline"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one call.

    Attributes:
        root: the root of the repository that is acted on.
        tracking_uri: of MLflow.
        artifact_location: where a local MLflow store keeps artifacts; None: the server decides.
        opa_url: an OPA server to use instead of the embedded engine, or None.
        opa_token: its bearer token, or None.
        opa_timeout: seconds to wait for it.
        dispatcher: the login of who started the bot, or None.
        environ: the whole environment, for the forge's settings.
    """

    root: Path
    tracking_uri: str
    artifact_location: Path | None = None
    opa_url: str | None = None
    opa_token: str | None = field(default=None, repr=False)
    opa_timeout: float = 10.0
    dispatcher: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def state(self) -> Path:
        """The directory that holds what Mergeline keeps on this machine."""
        return self.root / STATE

    @property
    def local_store(self) -> Path | None:
        """The SQLite file of a local MLflow store, or None."""
        prefix = "sqlite:///"
        if not self.tracking_uri.startswith(prefix):
            return None
        return Path(self.tracking_uri.removeprefix(prefix))


def resolve(root: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings of a repository from the environment.

    `MLFLOW_TRACKING_URI` is honoured; without it MLflow is a SQLite file and a folder below
    `.mergeline/`. `MERGELINE_OPA_URL`, `MERGELINE_OPA_TOKEN` name an OPA server.
    """
    state = root / STATE
    uri = environ.get("MLFLOW_TRACKING_URI")
    return Settings(
        root=root,
        tracking_uri=uri or f"sqlite:///{state / 'mlflow.db'}",
        artifact_location=None if uri else state / "artifacts",
        opa_url=environ.get("MERGELINE_OPA_URL"),
        opa_token=environ.get("MERGELINE_OPA_TOKEN"),
        opa_timeout=_seconds(environ.get("MERGELINE_OPA_TIMEOUT"), 10.0),
        dispatcher=environ.get("MERGELINE_DISPATCHER"),
        environ=environ,
    )


def _seconds(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
