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


class Emergency(Struct, frozen=True, kw_only=True):
    """Sets named gates aside for one change; an issue stays open until it is followed up."""

    reason: Annotated[
        str,
        Meta(
            min_length=20,
            description="Why it cannot wait, in 20 characters or more.",
            examples=["cards of a whole bank are refused"],
        ),
    ]
    by: Annotated[Text, Meta(description="Who declared it.", examples=["ada"])]
    waives: Annotated[
        tuple[Text, ...],
        Meta(
            min_length=1,
            description="The ids of the rules; the organisation says which may be set aside.",
            examples=[["soak-too-short"]],
        ),
    ]


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
    emergency: Annotated[
        Emergency | None, Meta(description="Of this change only: the next one leaves it out.")
    ] = None
