"""model.yaml: what the model is and who answers for it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import Name, Risk, SemVer, Task, Team, Text, Url


class Links(Struct, frozen=True, kw_only=True):
    """Where people find what is written about the model."""

    documentation: Url | None = None
    runbook: Url | None = None
    dashboard: Url | None = None


class Model(Spec, frozen=True, kw_only=True):
    """What the model is, who answers for it, and which version comes next."""

    kind: Literal["Model"]
    name: Annotated[Name, Meta(description="The name of the model, equal to its folder's.")]
    owner: Annotated[Team, Meta(description="The team that answers for the model.")]
    version: Annotated[SemVer, Meta(description="The version of the next release.")]
    task: Annotated[Task, Meta(description="The kind of problem that the model solves.")]
    risk: Annotated[
        Risk, Meta(description="What a wrong answer can cost; decides approvals and soak.")
    ]
    description: Annotated[
        Text,
        Meta(
            description="What the model is for, and for whom.",
            examples=["Gives each card payment the probability that it is fraud."],
        ),
    ]
    links: Links = Links()
    labels: Annotated[
        dict[str, str], Meta(description="Free key-value pairs for selecting models.")
    ] = {}
