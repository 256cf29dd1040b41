"""What `apply` writes down when it has made an environment so: on the version, in MLflow."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mergeline.digest import canonical_json

if TYPE_CHECKING:
    from mergeline.registry.facts import RegisteredVersion


@dataclass(frozen=True, slots=True)
class Deployed:
    """A version was put into an environment.

    Attributes:
        commit: the merged commit that asked for it.
        pull_request: through which that commit came.
        author: of the pull request.
        approved_by: the logins whose approvals counted.
        applied_at: when, RFC 3339 in UTC.
    """

    commit: str
    pull_request: int
    author: str
    approved_by: tuple[str, ...]
    applied_at: str

    def as_tag(self, environment: str) -> dict[str, str]:
        """Return it as the tag of a version."""
        return {_key(environment): canonical_json(asdict(self)).decode()}

    @property
    def moment(self) -> datetime:
        """When it was applied."""
        return datetime.fromisoformat(self.applied_at).astimezone(UTC)


def deployed(version: RegisteredVersion | None, environment: str) -> Deployed | None:
    """Return what is written down about a version in an environment.

    None as well where the tag cannot be read: somebody has edited it, and unknown is no.
    """
    text = version.tags.get(_key(environment)) if version else None
    if text is None:
        return None
    try:
        value = json.loads(text)
        value["approved_by"] = tuple(value["approved_by"])
        found = Deployed(**value)
        _ = found.moment
    except (ValueError, TypeError, KeyError):
        return None
    return found


def _key(environment: str) -> str:
    return f"mergeline.deployment.{environment}"
