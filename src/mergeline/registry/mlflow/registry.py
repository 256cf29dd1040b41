"""Registered models: their versions, tags and aliases.

What is looked up costs the same however many versions there are: by an alias, by a number, or by
a tag whose key names the release. MLflow reads all versions of a model to answer for a
registered model, and all values of a tag to find one.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.registry.facts import ALIASES, RegisteredVersion
from mergeline.registry.mlflow.connection import Connection
from mergeline.registry.mlflow.entry import read_entry
from mergeline.registry.mlflow.package import download, download_file, left_on_server
from mergeline.registry.mlflow.runs import log_run, tags_of_runs
from mergeline.registry.mlflow.versions import (
    absent,
    all_versions,
    as_version,
    search,
    search_all,
)
from mergeline.registry.names import DIGEST, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflow import MlflowClient

    from mergeline.registry.facts import Entry, RecordedRun, RunFacts
    from mergeline.settings import Settings

# An evaluation is some 100 kB; what is much larger was not written by a run.
LARGEST = 20_000_000


class MlflowRegistry:
    """The registry of one MLflow server or local store; it connects when it is first asked.

    Every method raises ToolError where MLflow does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the address; nothing is loaded or asked yet."""
        self.tracking_uri = settings.tracking_uri
        self._connection = Connection(settings.tracking_uri, settings.local_store)
        self._answers = self._connection.answers
        self._artifacts = settings.artifact_location
        self._models = settings.state / "models"

    @property
    def _client(self) -> MlflowClient:
        return self._connection.client

    @property
    def empty(self) -> bool:
        """Is this a local store that was never written to? Found without loading MLflow."""
        return self._connection.empty

    def log_run(self, facts: RunFacts) -> RecordedRun:
        """Record a finished run with its parameters, metrics, datasets and model."""
        with self._answers("record the run"):
            return log_run(self._client, facts, self._artifacts, self.tracking_uri)

    def tags_of_runs(self, model: str, tag: str) -> dict[str, str]:
        """Return a tag's value by the identifier of each run of a model that has it."""
        if self.empty:
            return {}
        with self._answers("list the runs"):
            return tags_of_runs(self._client, model, tag)

    def register(self, model: str, run: RecordedRun, tags: Mapping[str, str]) -> RegisteredVersion:
        """Register a recorded run as a version; the one with this digest if it is there.

        Args:
            model: the registered model's name, made if it is new.
            run: the run and its logged model.
            tags: the registry entry, digest and SemVer among them; set together with it.
        """
        with self._answers("register the version"):
            for version in search_all(self._client, model, tags[VERSION]):
                if version.digest == tags[DIGEST]:
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
        return as_version(made)

    def _ensure_model(self, model: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def artifact_locations(self) -> list[str]:
        """Return where experiments keep their artifacts, of at most a thousand of them."""
        if self.empty:
            return []
        with self._answers("list the experiments"):
            found = self._client.search_experiments(max_results=1000)
        return sorted({str(one.artifact_location) for one in found})

    def versions(self, model: str) -> list[RegisteredVersion]:
        """Return all versions of a model, oldest first."""
        if self.empty:
            return []
        with self._answers("list the versions"):
            return all_versions(self._client, model)

    def find(self, model: str, version: str) -> RegisteredVersion | None:
        """Return the newest version that was registered by a SemVer, or None."""
        if self.empty:
            return None
        with self._answers("look a version up"):
            found = search(self._client, model, version)
        return max(found, key=lambda item: item.number, default=None)

    def entry(self, model: str, version: RegisteredVersion) -> Entry:
        """Return all that MLflow holds of a version: of itself, its logged model, its run."""
        with self._answers("give a version's evidence"):
            return read_entry(self._client, model, version)

    def aliases(self, model: str, names: Sequence[str] = ALIASES) -> dict[str, RegisteredVersion]:
        """Return aliases of a model, of those names, and the versions they point to."""
        if self.empty:
            return {}
        with self._answers("tell the aliases"):
            found = {name: self._alias(model, name) for name in names}
        return {name: version for name, version in found.items() if version is not None}

    def _alias(self, model: str, name: str) -> RegisteredVersion | None:
        from mlflow.exceptions import MlflowException

        try:
            return as_version(self._client.get_model_version_by_alias(model, name))
        except MlflowException as error:
            if absent(error):
                return None
            raise

    def set_alias(self, model: str, alias: str, number: int) -> None:
        """Point an alias to a version."""
        with self._answers("move an alias"):
            self._client.set_registered_model_alias(model, alias, str(number))

    def set_tags(self, model: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        with self._answers("set a tag"):
            for key, value in tags.items():
                self._client.set_model_version_tag(model, str(number), key, value)

    def download_model(self, model: str, version: str, digest: str, *, anew: bool = False) -> Path:
        """Bring the packaged model of a release here, once.

        Args:
            model: the registered model's name.
            version: the release's SemVer.
            digest: the release's digest.
            anew: fetch it although it is here?

        Returns:
            The folder with `model.skops` in it.

        Raises:
            ToolError: there is no such version, or MLflow does not answer.
        """
        home = self._models / digest.removeprefix("sha256:")
        if home.is_dir() and not anew:
            return home
        with self._answers("give the model"):
            found = [one for one in search(self._client, model, version) if one.digest == digest]
            if not found or not found[0].model_uri:
                raise ToolError(
                    f"MLflow at {self.tracking_uri} has no version {version} of {model} with "
                    f"digest {digest}",
                    hint="run mergeline status to see what the registry has",
                )
            download(found[0].model_uri, home)
        return home

    def fetch_model(self, version: RegisteredVersion, home: Path) -> Path:
        """Bring the packaged model of a version here anew, to a folder that is not there yet."""
        with self._answers("give the model"):
            if not version.model_uri:
                raise ToolError(f"version {version.number} names no model")
            download(version.model_uri, home)
        return home

    def put_beside(self, model_uri: str | None, files: Mapping[str, bytes]) -> None:
        """Put files beside a logged model, where whoever downloads it finds them."""
        with (
            self._answers("keep the signature"),
            tempfile.TemporaryDirectory(prefix="mergeline-") as directory,
        ):
            for name, content in files.items():
                Path(directory, name).write_bytes(content)
            self._client.log_model_artifacts(_logged(model_uri), directory)

    def beside(self, model_uri: str | None, names: Sequence[str]) -> dict[str, bytes]:
        """Return the files of some names that lie beside a logged model."""
        with self._answers("give the signature"):
            listed = self._client.list_logged_model_artifacts(_logged(model_uri))
            there = {one.path for one in listed}
            return {name: download_file(f"{model_uri}/{name}") for name in names if name in there}

    def leftover(self, model: str, below: str, home: Path) -> Path | None:
        """Find a folder of artifacts that MLflow itself may know nothing of any more.

        Args:
            model: the registered model's name.
            below: the folder, below that of an experiment.
            home: a folder that is not there yet, to bring it to from a server.

        Returns:
            The folder, here; None: there is none.
        """
        if self._artifacts is not None:
            kept = self._artifacts / model / below
            return kept if kept.is_dir() else None
        with self._answers("look for what is left"):
            return left_on_server(self.tracking_uri, below, home)

    def read_artifact(self, run_id: str, name: str) -> bytes | None:
        """Return a file that a run left, cut after `LARGEST` bytes; None: no such run or file."""
        if self.empty:
            return None
        with self._answers("give a file of the run"):
            from mlflow.exceptions import MlflowException

            try:
                there = [one.path for one in self._client.list_artifacts(run_id)]
            except MlflowException as error:
                if absent(error):
                    return None
                raise
            if name not in there:
                return None
            with tempfile.TemporaryDirectory() as directory:
                path = Path(self._client.download_artifacts(run_id, name, directory))
                with path.open("rb") as file:
                    return file.read(LARGEST)


def _logged(model_uri: str | None) -> str:
    """Return the identifier of a logged model, by which MLflow's client names it."""
    return str(model_uri).rpartition("/")[2]
