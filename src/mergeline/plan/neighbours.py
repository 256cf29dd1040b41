"""Other open pull requests that change the same models: of two, the second must plan again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.specs.repository import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An open pull request other than the one that is planned.

    Attributes:
        number: its number.
        title: as its author wrote it.
        author: the login.
        url: the page that a person opens.
        models: the models in whose folders it changes files.
    """

    number: int
    title: str
    author: str
    url: str
    models: frozenset[str]

    def as_json(self) -> dict[str, Any]:
        """Return the pull request as JSON values."""
        return {
            "number": self.number,
            "title": self.title,
            "author": self.author,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the forge says of other open pull requests.

    Attributes:
        found: those that change models, the newest first.
        known: was the forge asked, and did it answer?
        note: what is not known, and why; None: nothing is left open.
        calls: how many questions it took.
    """

    found: tuple[Neighbour, ...] = ()
    known: bool = False
    note: str | None = None
    calls: int = 0

    def of(self, model: str) -> tuple[Neighbour, ...]:
        """Return the pull requests that change a model."""
        return tuple(one for one in self.found if model in one.models)

    def as_json(self) -> dict[str, Any]:
        """Return what is known as JSON values; the pull requests stand with their models."""
        return {"known": self.known, "note": self.note}


# Nobody asked.
UNKNOWN = Neighbours()


def models_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the models in whose folders any of the paths stands."""
    parts = (path.split("/") for path in paths)
    return frozenset(part[1] for part in parts if part[0] == MODELS and len(part) > 2)
