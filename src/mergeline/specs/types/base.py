"""What every spec file has in common."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Struct(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False
):
    """An immutable object that refuses unknown keys."""


class Spec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The header of a spec file."""

    api_version: Annotated[
        Literal["mergeline.dev/v1"], Meta(description="The version of the spec format.")
    ] = msgspec.field(name="apiVersion")
