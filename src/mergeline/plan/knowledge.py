"""What a plan needs to know besides Git; whoever asks for the plan gathers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.plan.estimates import PastRun
    from mergeline.plan.verdicts import Judges


def _never_run(name: str) -> PastRun | None:  # noqa: ARG001 - it answers for every model
    return None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known besides Git.

    Attributes:
        judges: makes a judge of a tree's policies; None: models are not judged by changed
            policies, and the plan says so.
        past_run: tells how long a model's last run took on this machine.
    """

    judges: Judges | None = None
    past_run: Callable[[str], PastRun | None] = _never_run


NOTHING = Knowledge()
