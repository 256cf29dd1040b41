"""waivers/NAME.yaml: a rule that does not stop one model, until a day, for a reason."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec
from mergeline.specs.types.scalars import Name, Team


class Waiver(Spec, frozen=True, kw_only=True):
    """Makes the error of a policy rule a warning, for one model and until a day."""

    kind: Literal["Waiver"]
    rule: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)",
            description="The id of the policy rule.",
            examples=["latency-missing"],
        ),
    ]
    model: Annotated[Name, Meta(description="The model that it is waived for.")]
    owner: Annotated[Team, Meta(description="The team that answers for the risk.")]
    reason: Annotated[
        str,
        Meta(
            min_length=20,
            description="Why the risk is accepted, in 20 characters or more.",
            examples=["The dashboard moves to another host until the end of March."],
        ),
    ]
    expires: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$(?!\n)",
            description="The last day on which it holds, in UTC.",
            examples=["2025-03-31"],
        ),
    ]
