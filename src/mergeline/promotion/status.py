"""Desired against actual: what Git wants of each environment, and what the registry has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mergeline.promotion.services import ENVIRONMENTS
from mergeline.registry.twin import differing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder


@dataclass(frozen=True, slots=True)
class Pin:
    """A version and the digest of its release; None where the registry does not say."""

    version: str | None
    digest: str | None

    def as_json(self) -> dict[str, str | None]:
        """Return the pin for programs."""
        return {"version": self.version, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Status:
    """One environment of one model."""

    model: str
    environment: str
    desired: Pin | None
    actual: Pin | None
    sync: Literal["synced", "out_of_sync", "unknown"]
    health: Literal["healthy", "degraded", "unknown"]

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "model": self.model,
            "environment": self.environment,
            "desired": self.desired.as_json() if self.desired else None,
            "actual": self.actual.as_json() if self.actual else None,
            "sync": self.sync,
            "health": self.health,
        }


def status_of(model: ModelFolder, aliases: Mapping[str, RegisteredVersion] | None) -> list[Status]:
    """Compare a model's environments with the aliases of its registered model.

    Args:
        model: the model on the default branch.
        aliases: from the registry; None: it does not answer.
    """
    return [_status(model, environment, aliases) for environment in ENVIRONMENTS]


def unreadable(name: str, aliases: Mapping[str, RegisteredVersion] | None) -> list[Status]:
    """Return the rows of a model whose specs do not conform: what Git wants is not known."""
    found = aliases or {}
    return [
        Status(name, environment, None, _pin(found.get(environment)), "unknown", "unknown")
        for environment in ENVIRONMENTS
    ]


def _pin(found: RegisteredVersion | None) -> Pin | None:
    return Pin(found.version, found.digest) if found else None


def _status(
    model: ModelFolder, environment: str, aliases: Mapping[str, RegisteredVersion] | None
) -> Status:
    wanted = model.environments.get(environment)
    desired = Pin(wanted.version, wanted.digest) if wanted else None
    if aliases is None:
        return Status(model.name, environment, desired, None, "unknown", "unknown")
    found = aliases.get(environment)
    actual = _pin(found)
    sync: Literal["synced", "out_of_sync"] = "synced" if desired == actual else "out_of_sync"
    return Status(model.name, environment, desired, actual, sync, _health(model, found))


def _health(
    model: ModelFolder, found: RegisteredVersion | None
) -> Literal["healthy", "degraded", "unknown"]:
    """A version is healthy if its registry entry says what its release record says."""
    if found is None:
        return "unknown"
    release = model.releases.get(found.version or "")
    if release is None or differing(release, found.tags):
        return "degraded"
    return "healthy"
