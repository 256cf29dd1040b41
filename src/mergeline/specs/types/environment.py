"""environments/ENV.yaml: the desired state of one environment."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import Digest, EnvironmentName, SemVer, Text, Timestamp


class Hold(Struct, frozen=True, kw_only=True):
    """Stops promotions into the environment until it is taken away."""

    reason: Annotated[
        Text, Meta(description="Why nothing may be promoted.", examples=["rollback of 1.4.0"])
    ]
    by: Annotated[Text, Meta(description="Who said so.", examples=["ada"])]
    since: Annotated[Timestamp, Meta(description="Since when.")]


class Environment(Spec, frozen=True, kw_only=True):
    """Which release an environment is to have; edited by promotions and rollbacks only."""

    kind: Literal["Environment"]
    name: Annotated[EnvironmentName, Meta(description="The environment, equal to the file's name.")]
    version: Annotated[SemVer, Meta(description="The release that it is to have.")]
    digest: Annotated[Digest, Meta(description="The digest of that release.")]
    replaces: Annotated[
        Digest | None,
        Meta(description="The digest that this change expects to find there; null: none."),
    ]
    reason: Annotated[
        Text, Meta(description="Why it was changed to this.", examples=["promotion of 1.4.0"])
    ]
    hold: Hold | None = None
