"""Credentials that jobs get by their identity: `organization.credentials` of the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mergeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# All of it is written into workflows, where more than a plain word could be read as code.
_Word = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._@:/+=-]*\Z")]
_Role = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
_Address = Annotated[str, Meta(pattern=r"\Ahttps://[A-Za-z0-9.-]+(:[0-9]+)?\Z")]
# `secret/data/mlflow password`: a path, and a key of what is there.
_Place = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._/-]* [A-Za-z0-9][A-Za-z0-9._-]*\Z")]
Name = Literal[
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "MERGELINE_SIGNING_KEY",
    "MERGELINE_SIGNING_KEY_PASSWORD",
    "MERGELINE_APP_PRIVATE_KEY",
]


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Vault(_Struct, frozen=True):
    """HashiCorp Vault or OpenBao, with its JWT login.

    Attributes:
        address: of the server.
        role: what the roles are called, up to `-ENVIRONMENT`; each environment has its own.
        secrets: path and key of a secret, by the name of what it becomes.
        mount: the path of the JWT login.
        audience: what the run's identity is for; None: the address.
        namespace: of Vault Enterprise or OpenBao; None: the root.
    """

    address: _Address
    role: _Role
    secrets: dict[Name, _Place]
    mount: _Word = "jwt"
    audience: _Word | None = None
    namespace: _Word | None = None


class Aws(_Struct, frozen=True):
    """The role that runs assume, and the region."""

    role: _Word
    region: _Role


class Google(_Struct, frozen=True):
    """The provider of a workload identity pool, and the service account that runs become."""

    provider: _Word
    service_account: _Word


class Azure(_Struct, frozen=True):
    """The application with a federated credential, its tenant, and the subscription."""

    client: _Role
    tenant: _Role
    subscription: _Role


class Credentials(_Struct, frozen=True):
    """Where jobs get their credentials; None of all: from the secrets of their environment."""

    vault: Vault | None = None
    aws: Aws | None = None
    google: Google | None = None
    azure: Azure | None = None


def credentials_of(tunables: Mapping[str, Any]) -> Credentials:
    """Return where jobs get their credentials.

    Args:
        tunables: `organization` of `policies/data.yaml`.

    Raises:
        UsageError: that part cannot be read.
    """
    try:
        return msgspec.convert(tunables.get("credentials") or {}, Credentials)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"organization.credentials of policies/data.yaml cannot be read: {error}",
            hint="see docs/github.md, Credentials without secrets",
        ) from None
