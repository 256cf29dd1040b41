"""An action, and what is known of a model when its actions are decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mergeline.plan.effects import TRAINING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.versions import Version
    from mergeline.specs.repository import ModelFolder

ActionKind = Literal["validate", "check-data", "train", "evaluate", "release", "promote", "apply"]
# In the order in which a version passes through them.
ENVIRONMENTS = ("staging", "production")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that Mergeline will do.

    Attributes:
        kind: what it is, for programs.
        title: what it is, for people.
        reason: why it follows.
        environment: where, for `promote` and `apply`.
        version: of what, for `release`, `promote` and `apply`.
    """

    kind: ActionKind
    title: str
    reason: str
    environment: str | None = None
    version: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the action as JSON values."""
        return {
            "kind": self.kind,
            "title": self.title,
            "reason": self.reason,
            "environment": self.environment,
            "version": self.version,
        }


@dataclass(frozen=True)
class Outlook:
    """What is known of a model when its actions are decided.

    Attributes:
        before: the model in the base, or None.
        after: the model in the head.
        changes: what differs.
        version: how the version moves.
    """

    before: ModelFolder | None
    after: ModelFolder
    changes: Sequence[SemanticChange]
    version: Version

    def touches(self, *sections: str) -> bool:
        """Tell whether a change stands in one of the sections."""
        return any(change.parts[0] in sections for change in self.changes)

    @property
    def trains(self) -> bool:
        """Do the training inputs differ?"""
        return any(change.effect in TRAINING for change in self.changes)

    @property
    def evaluates(self) -> bool:
        """Do the gates differ?"""
        return any(change.effect == "evaluation" for change in self.changes)

    @property
    def moved(self) -> list[str]:
        """The environments that are to have another release, in order."""
        touched = {
            change.parts[1]
            for change in self.changes
            if change.effect == "environment"
            and (len(change.parts) == 2 or change.parts[2] in ("version", "digest"))
        }
        return [name for name in ENVIRONMENTS if name in touched]

    def holds(self, environment: str) -> bool:
        """Tell whether the head has an environment on hold."""
        state = self.after.environments.get(environment)
        return state is not None and state.hold is not None
