"""The changes of meaning between two states of a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from mergeline.digest import canonical_json
from mergeline.plan.effects import SECTIONS, Effect, Part, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str, ...]


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


# There was, or is, nothing at all; None is a value, YAML's null.
ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class SemanticChange:
    """One thing that means something else.

    Attributes:
        kind: the dotted name of its row in `mergeline.plan.effects`, e.g.
            `training.hyperparameters`.
        path: a JSON pointer, its first part the section: `/training/hyperparameters/C`. An
            element of a named list stands at its identity, not its index:
            `/features/features/mean_radius/transform/class`.
        before: the value in the base, or ABSENT.
        after: the value in the head, or ABSENT.
        effect: what the change asks for.
        part: the part of the version that must rise at least; None: it may stay.
    """

    kind: str
    path: str
    before: Any
    after: Any
    effect: Effect
    part: Part | None = None

    @property
    def parts(self) -> Path:
        """The parts of the path."""
        return tuple(
            part.replace("~1", "/").replace("~0", "~") for part in self.path.split("/")[1:]
        )

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON values; `before` or `after` is left out where ABSENT."""
        values = {"kind": self.kind, "path": self.path, "effect": self.effect, "part": self.part}
        sides = {"before": self.before, "after": self.after}
        return values | {key: value for key, value in sides.items() if value is not ABSENT}


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[SemanticChange, ...]:
    """Return what differs between two meanings (`mergeline.plan.meaning`), section by section.

    Mappings are compared key by key, everything else as one value. The order of features is
    a change only among the same features.
    """
    found = [(path, one, other) for path, one, other in _differences(before, after)]
    regrouped = any(path[:2] == ("features", "features") and len(path) == 3 for path, *_ in found)
    kept = [item for item in found if not (regrouped and item[0] == ("features", "order"))]
    changes = [_change(path, one, other) for path, one, other in kept]
    return tuple(sorted(changes, key=lambda change: SECTIONS.index(change.parts[0])))


def _differences(before: Any, after: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            one, other = before.get(key, ABSENT), after.get(key, ABSENT)
            yield from _differences(one, other, (*path, key))
    elif not _same(before, after):
        yield path, before, after


def _same(before: Any, after: Any) -> bool:
    if before is ABSENT or after is ABSENT:
        return before is after
    # Python holds 1, 1.0 and True to be equal; their JSON differs.
    return canonical_json(before) == canonical_json(after)


def _change(path: Path, before: Any, after: Any) -> SemanticChange:
    row = row_of(path)
    return SemanticChange(row.kind, pointer(path), before, after, row.effect, row.part)


def pointer(path: Path) -> str:
    """Return the JSON pointer (RFC 6901) of a path."""
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
