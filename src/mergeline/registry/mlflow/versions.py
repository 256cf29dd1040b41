"""Versions of registered models, as MLflow finds and lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.registry.facts import RegisteredVersion
from mergeline.registry.names import DIGEST, VERSION, lookup_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.exceptions import MlflowException

_NOT_THERE = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
_PAGE = 1000


def absent(error: MlflowException) -> bool:
    """Does MLflow say that it has no such model, version or alias?"""
    return error.error_code in _NOT_THERE


def search(client: MlflowClient, model: str, version: str) -> list[RegisteredVersion]:
    """Return the registered versions that a key names by a SemVer: one, if nobody has meddled."""
    return _search(client, model, lookup_tag(version), version)


def search_all(client: MlflowClient, model: str, version: str) -> list[RegisteredVersion]:
    """Return the versions with a SemVer, those of which somebody has taken the key away too.

    It reads that tag of all versions of all models.
    """
    return _search(client, model, VERSION, version)


def _search(client: MlflowClient, model: str, tag: str, value: str) -> list[RegisteredVersion]:
    # Names, versions and digests have no quotes: the schemas see to that.
    text = f"name = '{model}' and tags.`{tag}` = '{value}'"
    return [as_version(item) for item in client.search_model_versions(text)]


def all_versions(client: MlflowClient, model: str) -> list[RegisteredVersion]:
    """Return all versions of a model, oldest first, page by page."""
    return [as_version(item) for item in _pages(client, model)]


def _pages(client: MlflowClient, model: str) -> Iterator[ModelVersion]:
    token = None
    while True:
        page = client.search_model_versions(
            f"name = '{model}'",
            max_results=_PAGE,
            order_by=["version_number ASC"],
            page_token=token,
        )
        yield from page
        token = page.token
        if not token:
            return


def as_version(found: ModelVersion) -> RegisteredVersion:
    """Return what MLflow gives, in the registry's words."""
    tags = dict(found.tags or {})
    return RegisteredVersion(
        number=int(found.version),
        version=tags.get(VERSION),
        digest=tags.get(DIGEST),
        tags=tags,
        aliases=tuple(sorted(found.aliases or ())),
        run_id=found.run_id,
        model_uri=found.source,
    )
