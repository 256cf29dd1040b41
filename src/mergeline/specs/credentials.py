"""By which credential a source is read, and in which variables of the environment it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.specs.types.data import LakefsSource, SqlSource, UriSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.types.data import Source


@dataclass(frozen=True, slots=True)
class Credential:
    """What lets somebody read a source.

    Attributes:
        secrets: the variables that hold it, for a workflow to set.
        name: what it is, to a person.
        others: further variables that hold one or say where it is.
        files: where a person's own may be, from the home folder.
        all_needed: must all of `secrets` be there? If not, any variable or file will do.
    """

    secrets: tuple[str, ...]
    name: str
    others: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    all_needed: bool = False

    def is_there(self, environ: Mapping[str, str]) -> bool:
        """Tell whether the environment, or the home folder that it names, holds one."""
        if self.all_needed:
            return all(environ.get(name) for name in self.secrets)
        if any(environ.get(name) for name in (*self.secrets, *self.others)):
            return True
        home = environ.get("HOME") or environ.get("USERPROFILE")
        return home is not None and any(Path(home, file).exists() for file in self.files)


_S3 = Credential(
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "a key or profile of your own",
    others=(
        *("AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
        *("AWS_CONFIG_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "FSSPEC_S3_KEY", "FSSPEC_S3_PROFILE"),
    ),
    files=(".aws/credentials", ".aws/config"),
)
_GOOGLE = Credential(
    (),
    "the file that `gcloud auth application-default login` writes for you",
    others=("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "FSSPEC_GS_TOKEN"),
    files=(".config/gcloud/application_default_credentials.json",),
)
_AZURE = Credential(
    ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_SAS_TOKEN"),
    "an account with a signature of your own",
    others=(
        *("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT_KEY"),
        *("AZURE_STORAGE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"),
    ),
    files=(".azure",),
)
_LAKEFS = Credential(
    (
        *("LAKECTL_SERVER_ENDPOINT_URL", "LAKECTL_CREDENTIALS_ACCESS_KEY_ID"),
        "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY",
    ),
    "a key of your own",
    all_needed=True,
)
_OF_SCHEMES = {
    **dict.fromkeys(("s3", "s3a"), _S3),
    **dict.fromkeys(("gs", "gcs"), _GOOGLE),
    **dict.fromkeys(("abfs", "abfss", "az", "adl"), _AZURE),
}


# What a remote of DVC may be read with: only its own settings say which.
CLOUDS = (_S3, _GOOGLE, _AZURE)


def credential_of(source: Source) -> Credential | None:
    """Return what a source is read with; None: nothing, or what only its own tool knows."""
    if isinstance(source, SqlSource):
        what = "SQLAlchemy's URL of the database with an account of your own"
        return Credential((source.connection,), what, all_needed=True)
    if isinstance(source, LakefsSource):
        return _LAKEFS
    if isinstance(source, UriSource):
        return _OF_SCHEMES.get(source.uri.partition("://")[0])
    return None
