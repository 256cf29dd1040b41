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
        dispatchers: the logins of those who started the bot; who did so again comes last.
        signing_key: the path of a private key, its PEM, or the PKCS#11 URI of one in a token;
            None: there is none.
        signing_password: what opens the key, or the token that holds it; or None.
        environ: the whole environment, for the settings of the forge and of the policies.
    """

    root: Path
    tracking_uri: str
    artifact_location: Path | None = None
    dispatchers: tuple[str, ...] = ()
    signing_key: str | None = field(default=None, repr=False)
    signing_password: str | None = field(default=None, repr=False)
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
    `.mergeline/`. `MERGELINE_DISPATCHER` is the login of who set a workflow off, and
    after a space that of who ran it again.
    `MERGELINE_SIGNING_KEY` is the private key that signs releases, as a path, as the PKCS#11 URI of
    a key in a token, or (a secret of a workflow) as the key itself;
    `MERGELINE_SIGNING_KEY_PASSWORD` opens it: its password, or the token's PIN.
    """
    state = root / STATE
    uri = environ.get("MLFLOW_TRACKING_URI")
    return Settings(
        root=root,
        tracking_uri=uri or f"sqlite:///{state / 'mlflow.db'}",
        artifact_location=None if uri else state / "artifacts",
        dispatchers=tuple(dict.fromkeys(environ.get("MERGELINE_DISPATCHER", "").split())),
        signing_key=environ.get("MERGELINE_SIGNING_KEY") or None,
        signing_password=environ.get("MERGELINE_SIGNING_KEY_PASSWORD") or None,
        environ=environ,
    )
