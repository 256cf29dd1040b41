"""How old a secret may be: `organization.secrets.max_age` of the policies."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import UsageError
from mergeline.specs.types.scalars import Duration
from mergeline.workflows.values import minutes

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    max_age: Duration | None = None


def secret_max_age(tunables: Mapping[str, Any]) -> timedelta | None:
    """Return how old a secret may be; None: the policies set no limit.

    Args:
        tunables: `organization` of `policies/data.yaml`.

    Raises:
        UsageError: the policy cannot be read.
    """
    try:
        found = msgspec.convert(tunables.get("secrets") or {}, _Secrets)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"organization.secrets cannot be read: {error}",
            hint="write secrets: {max_age: 90d} in policies/data.yaml",
        ) from None
    return None if found.max_age is None else timedelta(minutes=minutes(found.max_age))
