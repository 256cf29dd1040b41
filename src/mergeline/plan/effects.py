"""What a change asks for: one table from where it stands to its effect."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Literal

Effect = Literal[
    "training",
    "evaluation",
    "deployment",
    "monitoring",
    "metadata",
    "environment",
    "release",
    "code",
]
Part = Literal["major", "minor", "patch"]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        prefix: a JSON pointer, its first part the section; `*` and `*.md` match one part.
        effect: what a change at or below it asks for.
        part: the part of the version that must rise at least; None: the version may stay.
    """

    prefix: str
    effect: Effect
    part: Part | None = None

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of the prefix."""
        return tuple(self.prefix.split("/")[1:])

    @property
    def kind(self) -> str:
        """The dotted name of the changes that the row is about."""
        return ".".join(part for part in self.parts if "*" not in part)

    def covers(self, path: tuple[str, ...]) -> bool:
        """Tell whether a path is at or below the prefix."""
        return len(path) >= len(self.parts) and all(
            fnmatchcase(part, pattern)
            for part, pattern in zip(path[: len(self.parts)], self.parts, strict=True)
        )


# major: the answers mean something else, or callers must send something else. minor: it learns
# from other data, features or code, or is another estimator. patch: the same, tuned otherwise
# or trained in other surroundings. The longest prefix that covers a path decides.
EFFECTS = (
    Row("/model", "metadata"),
    Row("/model/version", "release"),
    Row("/model/task", "training", "major"),
    Row("/data", "training", "minor"),
    Row("/data/target", "training", "major"),
    Row("/data/datasets", "training", "minor"),
    Row("/data/datasets/*/description", "metadata"),
    Row("/data/datasets/*/retention", "metadata"),
    Row("/data/datasets/*/access", "metadata"),
    Row("/data/datasets/*/join_keys", "metadata"),
    Row("/data/datasets/*/event_timestamp", "metadata"),
    Row("/data/datasets/*/expectations", "evaluation"),
    Row("/data/datasets/*/columns", "training", "major"),
    Row("/data/datasets/*/columns/*/description", "metadata"),
    Row("/data/datasets/*/columns/*/pii", "metadata"),
    Row("/data/datasets/*/columns/*/pii_treatment", "training", "minor"),
    Row("/data/split", "training", "minor"),
    Row("/features", "training", "minor"),
    Row("/features/order", "training", "minor"),
    Row("/features/features", "training", "minor"),
    Row("/features/features/*/description", "metadata"),
    Row("/features/features/*/owner", "metadata"),
    Row("/features/shared", "metadata"),
    Row("/training", "training", "patch"),
    Row("/training/budget", "metadata"),
    Row("/training/environment", "training", "patch"),
    # Training runs in `image`; what that is built from matters once it names what was built.
    Row("/training/environment/base_image", "metadata"),
    Row("/training/estimator", "training", "minor"),
    Row("/training/hyperparameters", "training", "patch"),
    Row("/training/pipeline", "training", "minor"),
    Row("/training/random_seed", "training", "patch"),
    Row("/training/resources", "metadata"),
    Row("/training/resources/gpu", "training", "patch"),
    Row("/training/threads", "training", "patch"),
    Row("/evaluation", "evaluation"),
    Row("/evaluation/metrics", "evaluation"),
    Row("/evaluation/fairness", "evaluation"),
    Row("/deployment", "deployment"),
    Row("/deployment/environments", "deployment"),
    Row("/monitoring", "monitoring"),
    Row("/monitoring/drift", "monitoring"),
    Row("/pipeline", "training", "minor"),
    Row("/pipeline/description", "metadata"),
    Row("/lockfile", "training", "patch"),
    Row("/files", "code", "minor"),
    Row("/files/*.md", "metadata"),
    Row("/environments", "environment"),
    Row("/releases", "release"),
)
SECTIONS = tuple(dict.fromkeys(row.parts[0] for row in EFFECTS))
# What makes a new training necessary.
TRAINING: frozenset[Effect] = frozenset({"training", "code"})


def row_of(path: tuple[str, ...]) -> Row:
    """Return the row that decides about a path.

    Raises:
        LookupError: the first part is no section: a section was added but not to the table.
    """
    rows = [row for row in EFFECTS if row.covers(path)]
    if not rows:
        raise LookupError(f"no effect is known for {path}")
    return max(rows, key=lambda row: len(row.parts))
