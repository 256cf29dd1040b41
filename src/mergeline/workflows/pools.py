"""How the models' jobs are divided into jobs of a workflow.

One job of a workflow runs many models as its matrix, in one container image or none: an image that
came out of a matrix could not be seen to be pinned. A matrix holds no more than 256.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# GitHub's documentation of `strategy.matrix`.
LARGEST_MATRIX = 256


@dataclass(frozen=True, slots=True, order=True)
class Container:
    """A container image, by digest, and the options of its start."""

    image: str
    options: str


@dataclass(frozen=True, slots=True)
class Pool:
    """A job of a workflow, whose matrix is one part of one group of models.

    Attributes:
        number: from 1, through all pools.
        group: models of a group share a container.
        part: from 0, of the group's models.
        container: where they run; None: on the runner itself.
    """

    number: int
    group: int
    part: int
    container: Container | None

    @property
    def suffix(self) -> str:
        """What the name of the workflow's job ends with."""
        return "" if self.number == 1 else f"-{self.number}"


def groups_of(containers: Sequence[Container | None]) -> list[Container | None]:
    """Return the groups: the models without a container first, then each container."""
    return [None, *sorted({one for one in containers if one is not None})]


def pools_of(containers: Sequence[Container | None]) -> list[Pool]:
    """Return as many pools as hold all models at once, one without a container at least.

    Args:
        containers: that of each model.
    """
    counts = Counter(containers)
    parts = [
        (group, part, container)
        for group, container in enumerate(groups_of(containers))
        for part in range(max(1, -(-counts[container] // LARGEST_MATRIX)))
    ]
    return [Pool(number, *one) for number, one in enumerate(parts, start=1)]
