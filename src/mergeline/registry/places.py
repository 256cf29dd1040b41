"""Where a fact of a release is kept in MLflow, and what is to be read there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from mergeline.digest import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mergeline.specs.types import Release


class Place(StrEnum):
    """A kind of place; its value names it to people."""

    NAME = "registered model"
    VERSION = "version"
    VERSION_TAG = "tag of the version"
    MODEL_TAG = "tag of the logged model"
    MODEL_PARAM = "parameter of the logged model"
    MODEL_METRIC = "metric of the logged model"
    DATASET = "dataset input of the run"
    ALIAS = "alias"
    ARTIFACT = "artifact of the logged model"
    RUN_ARTIFACT = "artifact of the run"


class Fact(NamedTuple):
    """One place: its kind, and the key there."""

    place: Place
    key: str

    def __str__(self) -> str:
        return f"{self.place} {self.key}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in MLflow that holds a field of a release.

    Attributes:
        place: its kind.
        key: the key there; with `{}` in it there is one for each item of the field.
        value: what a release says is there: a value, or with `{}` values by what fills it in;
            without it nothing is said by the record alone.
    """

    place: Place
    key: str
    value: Callable[[Release], Any] | None = None

    def facts(self, release: Release) -> Iterator[tuple[Fact, str | None]]:
        """Return what is to be found, as text; None: nothing."""
        if self.value is None:
            return
        said = self.value(release)
        if "{}" not in self.key:
            yield Fact(self.place, self.key), text(said)
            return
        items: Mapping[str, Any] = said
        for name, item in items.items():
            yield Fact(self.place, self.key.replace("{}", name)), text(item)


def text(value: Any) -> str | None:
    """Return a value as MLflow keeps it: words as they are, all else as canonical JSON."""
    if value is None or isinstance(value, str):
        return value
    return canonical_json(value).decode()
