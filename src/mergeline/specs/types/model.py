"""model.yaml: what the model is and who answers for it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.scalars import License, Name, Risk, SemVer, Task, Team, Text, Url


class Links(Struct, frozen=True, kw_only=True):
    """Where people find what is written about the model."""

    documentation: Url | None = None
    runbook: Url | None = None
    dashboard: Url | None = None


class IntendedUse(Struct, frozen=True, kw_only=True):
    """What the model was made for, in the terms of Mitchell et al. 2019, "Model Cards"."""

    primary_uses: Annotated[
        tuple[Text, ...],
        Meta(
            min_length=1,
            description="What it was made for.",
            examples=[["Orders the requests that a person looks at."]],
        ),
    ]
    primary_users: Annotated[
        tuple[Text, ...],
        Meta(description="Who uses its answers.", examples=[["Clerks of the loan desk."]]),
    ] = ()
    out_of_scope_uses: Annotated[
        tuple[Text, ...],
        Meta(
            description="What it must not be used for.",
            examples=[["Refusing a request without a person."]],
        ),
    ] = ()


class EthicalConsideration(Struct, frozen=True, kw_only=True):
    """A harm that the model can do, and what is done about it (names: Model Card Toolkit)."""

    name: Annotated[
        Text, Meta(description="The harm.", examples=["Refuses more requests of young people."])
    ]
    mitigation_strategy: Annotated[
        Text, Meta(description="What is done about it.", examples=["A gate of evaluation.yaml."])
    ]


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
    intended_use: Annotated[
        IntendedUse | None,
        Meta(description="For the model card: what it is for, and what not; null: nobody said."),
    ] = None
    limitations: Annotated[
        tuple[Text, ...],
        Meta(
            description="For the model card: where its answers are worth less, and why.",
            examples=[["Learned from one region; unproven elsewhere."]],
        ),
    ] = ()
    ethical_considerations: Annotated[
        tuple[EthicalConsideration, ...],
        Meta(description="For the model card: harms, and what is done about each."),
    ] = ()
    license: License | None = None
    links: Links = Links()
    labels: Annotated[
        dict[str, str], Meta(description="Free key-value pairs for selecting models.")
    ] = {}
