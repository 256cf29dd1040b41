"""What travels or rests unencrypted: addresses, buckets, and the key that signs."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mergeline.doctor.diagnosis import ok, warn
from mergeline.errors import ToolError
from mergeline.forge.settings import is_loopback
from mergeline.libraries import install_command
from mergeline.pipeline.sources.download import bucket_encryption
from mergeline.registry.signing import is_token
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.specs.types.data import UriSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.doctor.diagnosis import Diagnosis
    from mergeline.doctor.patient import Patient

# The variables by which addresses of registry, stores and policies are given, ours and the clouds'.
_ADDRESSES = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_S3_ENDPOINT_URL",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "FSSPEC_S3_ENDPOINT_URL",
    "LAKECTL_SERVER_ENDPOINT_URL",
    "MERGELINE_OPA_URL",
    "VAULT_ADDR",
    "BAO_ADDR",
)


def addresses(subject: str, patient: Patient) -> Diagnosis:
    """Do credentials, models and data travel encrypted?"""
    environ = patient.settings.environ
    plain = [name for name in _ADDRESSES if _is_plain(environ.get(name, ""))]
    plain += [f"{model} ({uri})" for model, uri in _data(patient) if _is_plain(uri)]
    if plain:
        found = f"plain http to another machine: {', '.join(plain)}"
        return warn(subject, found, "serve them by https, and write https:// in the address")
    return ok(subject, "no address is plain http to another machine")


def signing_key(subject: str, patient: Patient) -> Diagnosis:
    """Can others on this machine read the key that signs?"""
    key = patient.settings.signing_key
    if key is None:
        return ok(subject, "no key is here")
    if is_token(key):
        return ok(subject, "in a token, which does not give it away")
    if key.lstrip().startswith("-----BEGIN"):
        return ok(subject, "in the environment alone")
    path = Path(key).expanduser()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return warn(subject, f"{path} cannot be read: {error.strerror}", "mergeline key new FILE")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warn(subject, f"others may read {path} (mode {mode:04o})", f"chmod 600 {path}")
    return ok(subject, f"{path} is its owner's alone")


def buckets(subject: str, patient: Patient) -> Diagnosis:
    """Do the buckets of data and models encrypt what they hold?"""
    encrypted: list[str] = []
    plain: list[str] = []
    unknown: list[str] = []
    uris = [uri for _, uri in _data(patient)]
    try:
        uris += _artifacts(patient)
    except (ToolError, ImportError):
        unknown.append("where the registry keeps models is unknown: it could not be asked")
    if any(uri.startswith("mlflow-artifacts:") for uri in uris):
        unknown.append("where the MLflow server keeps models is unknown: it hands them on itself")
    places = {place for uri in uris if (place := _bucket(uri))}
    if not places and not unknown:
        return ok(subject, "no bucket holds data or models")
    for place in sorted(places):
        if not place.startswith("s3://"):
            # Google Cloud Storage and Azure Storage cannot be told not to.
            encrypted.append(f"{place} (always)")
            continue
        try:
            algorithm = bucket_encryption(place.removeprefix("s3://"))
        except ToolError as error:
            unknown.append(f"{place} is unknown: {error.message}")
        else:
            (encrypted if algorithm else plain).append(f"{place} ({algorithm or 'none'})")
    if plain:
        found = f"without server-side encryption: {', '.join(plain)}"
        return warn(subject, "; ".join([found, *unknown]), _ENCRYPT)
    if unknown:
        return warn(subject, "; ".join(unknown), _ASK if places else _LOOK)
    return ok(subject, f"encrypted: {', '.join(encrypted)}")


_ENCRYPT = (
    "aws s3api put-bucket-encryption --bucket NAME --server-side-encryption-configuration "
    '\'{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}\''
)
_ASK = f"{install_command('s3')}, with credentials that have s3:GetEncryptionConfiguration"
_LOOK = "look at the artifact store of the MLflow server yourself"
_SCHEMES = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gs"),
    **dict.fromkeys(("abfs", "abfss", "az", "adl", "wasbs"), "abfs"),
}


def _bucket(uri: str) -> str | None:
    parts = urlsplit(uri)
    scheme = _SCHEMES.get(parts.scheme)
    return f"{scheme}://{parts.netloc}" if scheme and parts.netloc else None


def _artifacts(patient: Patient) -> list[str]:
    from mergeline.registry.mlflow import MlflowRegistry

    return MlflowRegistry(patient.settings).artifact_locations()


def _data(patient: Patient) -> Iterator[tuple[str, str]]:
    """Yield each model whose data come from an address, with that."""
    repository = load_repository(WorkingTree(patient.settings.root))
    for name, model in repository.models.items():
        for dataset in model.data.datasets:
            if isinstance(dataset.source, UriSource):
                yield name, dataset.source.uri


def _is_plain(address: str) -> bool:
    return address.strip().lower().startswith("http://") and not is_loopback(address.strip())
