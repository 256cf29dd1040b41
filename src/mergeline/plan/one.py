"""From two states of one model to its plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mergeline.plan.actions import consequences
from mergeline.plan.approvals import approvals_of
from mergeline.plan.changes import compare
from mergeline.plan.estimates import estimate_of
from mergeline.plan.meaning import meaning
from mergeline.plan.outlook import Outlook
from mergeline.plan.plan import ModelPlan
from mergeline.plan.versions import Version, required_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.knowledge import Knowledge
    from mergeline.plan.plan import Status
    from mergeline.plan.reach import Reach
    from mergeline.plan.sides import Side
    from mergeline.specs import types
    from mergeline.specs.repository import ModelFolder


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the models of a change are compared by.

    Attributes:
        before: the base's side of the models with changed files.
        after: the head's side of them.
        around: the model.yaml of the others that are reached; None: it does not conform.
        tunables: the organisation's numbers, from the base.
        knows: what is known besides Git.
    """

    before: Side
    after: Side
    around: Mapping[str, types.Model | None]
    tunables: Mapping[str, Any]
    knows: Knowledge

    def plan(self, name: str, reach: Reach) -> ModelPlan | None:
        """Return the plan of a model; None if it neither changed nor is reached."""
        made = self._compared(name)
        why, verdict = reach.reasons.get(name, ()), reach.verdicts.get(name)
        if made is not None:
            return replace(made, reasons=why, verdict=verdict)
        # A changed file that means what it meant reaches nobody; another verdict does.
        if not (verdict or name in reach.sharers):
            return None
        return self._reached(name, reach)

    def _compared(self, name: str) -> ModelPlan | None:
        old, new = self.before.models.get(name), self.after.models.get(name)
        findings = self.after.findings(name)
        if findings:
            status: Status = "modified" if self.before.has(name) else "added"
            version = Version(_version(old), _version(new))
            return ModelPlan(name, status, version, *_who(new or old), findings=findings)
        if new is None:
            return _removed(name, old) if self.before.has(name) else None
        changes = compare(meaning(self.before, name), meaning(self.after, name))
        return self._changed(new, old, changes) if changes else None

    def _changed(
        self, new: ModelFolder, old: ModelFolder | None, changes: tuple[SemanticChange, ...]
    ) -> ModelPlan:
        version = Version(_version(old), new.model.version, required_part(changes))
        result = consequences(Outlook(old, new, changes, version))
        known = self.before.has(new.name)
        if known and old is None:
            result.notes.append("the base's files do not conform: everything counts as new")
        risk, owner = new.model.risk, new.model.owner
        return ModelPlan(
            name=new.name,
            status="modified" if known else "added",
            version=version,
            risk=risk,
            owner=owner,
            changes=changes,
            actions=tuple(result.actions),
            approvals=approvals_of(result.actions, self.tunables, risk, owner),
            notes=tuple(result.notes),
            estimate=estimate_of(new, result.actions, self.tunables, self.knows.past_run),
        )

    def _reached(self, name: str, reach: Reach) -> ModelPlan | None:
        folder = self.after.models.get(name)
        if folder is None and name not in self.around:
            return None
        model = folder.model if folder else self.around[name]
        version = model.version if model else None
        keeps = ("it keeps what it shared until its own files follow",)
        return ModelPlan(
            name,
            "reached",
            Version(version, version),
            risk=model.risk if model else None,
            owner=model.owner if model else None,
            notes=keeps if name in reach.sharers else (),
            reasons=reach.reasons[name],
            verdict=reach.verdicts.get(name),
        )


def _removed(name: str, old: ModelFolder | None) -> ModelPlan:
    held = sorted(old.environments) if old else []
    notes = ["the model is removed: nothing is trained; what the registry has stays there"]
    notes += [f"{environment} still has a release of it" for environment in held]
    return ModelPlan(name, "removed", Version(_version(old), None), *_who(old), notes=tuple(notes))


def _version(folder: ModelFolder | None) -> str | None:
    return folder.model.version if folder else None


def _who(folder: ModelFolder | None) -> tuple[str | None, str | None]:
    return (folder.model.risk, folder.model.owner) if folder else (None, None)
