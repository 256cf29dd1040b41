"""What follows from the changes of a model, in order, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mergeline.plan.changes import ABSENT
from mergeline.plan.effects import TRAINING
from mergeline.plan.versions import precedence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.versions import Version
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Environment

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
        version: of what, for `release`, `promote` and `apply`; None if it takes nothing there.
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


@dataclass(slots=True)
class Consequences:
    """The actions in order, and what is to be known besides."""

    actions: list[Action] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def consequences(outlook: Outlook) -> Consequences:
    """Decide what follows from the changes of a model that is in the head."""
    result = Consequences()
    result.actions.append(
        Action("validate", "validate", "every change is held against schemas and policies")
    )
    result.actions += _experiment(outlook)
    release = _release(outlook, result.notes)
    if release is not None:
        result.actions += [release, *_promotions(release.version, ENVIRONMENTS, "the release")]
    result.actions += _applications(outlook)
    result.notes += _notes(outlook)
    return result


def _experiment(outlook: Outlook) -> Iterator[Action]:
    if outlook.trains or outlook.touches("data"):
        yield Action("check-data", "check the data", _data_reason(outlook))
    if outlook.trains:
        yield Action("train", "train a candidate", _training_reason(outlook))
    if outlook.trains or outlook.evaluates:
        yield Action("evaluate", *_evaluation(outlook))


def _data_reason(outlook: Outlook) -> str:
    if outlook.before is None:
        return "the model is new"
    touched = outlook.touches("data")
    return "data.yaml changed" if touched else "a candidate learns from checked data only"


def _training_reason(outlook: Outlook) -> str:
    if outlook.before is None:
        return "the model is new"
    kinds = dict.fromkeys(change.kind for change in outlook.changes if change.effect in TRAINING)
    shown = ["code" if kind == "files" else kind for kind in kinds]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f"the training inputs changed: {', '.join(shown[:3])}{more}"


def _evaluation(outlook: Outlook) -> tuple[str, str]:
    why = "the candidate is new" if outlook.trains else "the gates changed"
    if outlook.after.evaluation.baseline is None:
        return "evaluate the candidate", f"{why}; evaluation.yaml asks for no comparison"
    champion = (outlook.before or outlook.after).environments.get("production")
    if champion is None:
        return "evaluate the candidate", f"{why}; there is no champion in production yet"
    return (
        f"evaluate against the champion {champion.version}",
        f"{why}; both on the same frozen test set",
    )


def _release(outlook: Outlook, notes: list[str]) -> Action | None:
    """Return the release that the merge brings, or None and the note that says why not."""
    version = outlook.version
    after = outlook.after.model.version
    if version.before is None:
        reason = "the model is new"
    elif not outlook.trains:
        if version.rises:
            notes.append(f"no release of {after}: the version rises, but no training input changed")
        return None
    elif not version.rises:
        notes.append(_not_bumped(version))
        return None
    else:
        reason = "the training inputs changed and the version rises"
        if not version.fits:
            notes.append(_too_small(version))
    if after in outlook.after.releases:
        notes.append(f"no release: {after} is released already; raise version in model.yaml")
        return None
    return Action("release", f"release {after} on merge", reason, version=after)


def _not_bumped(version: Version) -> str:
    if version.before == version.after:
        moved = f"the version is still {version.after}"
    else:
        moved = f"the version goes back, {version.before} -> {version.after}"
    return (
        f"no release: the training inputs changed, but {moved}; "
        f"set version to {version.least} or higher in model.yaml"
    )


def _too_small(version: Version) -> str:
    return (
        f"{version.before} -> {version.after} is less than the changes ask for: "
        f"a new {version.required} version, {version.least} or higher"
    )


def _promotions(version: str | None, environments: Sequence[str], first: str) -> Iterator[Action]:
    after = first
    for environment in environments:
        yield Action(
            "promote",
            f"open the {environment} pull request",
            f"follows {after}",
            environment,
            version,
        )
        after = environment


def _applications(outlook: Outlook) -> Iterator[Action]:
    for name in outlook.moved:
        before = _environments(outlook.before).get(name)
        after = outlook.after.environments.get(name)
        yield _application(name, before, after)
    if outlook.moved == ["staging"] and "staging" in outlook.after.environments:
        staged = outlook.after.environments["staging"]
        if _rises(outlook, staged):
            yield from _promotions(staged.version, ("production",), "staging")


def _rises(outlook: Outlook, staged: Environment) -> bool:
    """Tell whether staging goes on to a version that production does not have yet."""
    live = outlook.after.environments.get("production")
    return live is None or precedence(staged.version) > precedence(live.version)


def _application(name: str, before: Environment | None, after: Environment | None) -> Action:
    if after is None:
        had = before.version if before else "nothing"
        return Action(
            "apply", f"take {had} out of {name}", f"environments/{name}.yaml is gone", name
        )
    if before is None:
        moved = "nothing was there"
    elif precedence(after.version) < precedence(before.version):
        moved = f"back from {before.version}"
    else:
        moved = f"{before.version} -> {after.version}"
    title = f"apply {name}: {after.version} ({moved})"
    return Action("apply", title, after.reason, name, after.version)


def _environments(model: ModelFolder | None) -> Mapping[str, Environment]:
    return model.environments if model else {}


def _notes(outlook: Outlook) -> Iterator[str]:
    effects = {change.effect for change in outlook.changes}
    if effects == {"metadata"}:
        yield "nothing to train: only descriptions, owners, limits or links changed"
    if outlook.before is None:
        return
    if "deployment" in effects:
        yield "the changed deployment takes effect with the next rollout"
    if "monitoring" in effects:
        yield "the changed monitoring takes effect on merge"
    old, new = outlook.before.model.risk, outlook.after.model.risk
    if old != new:
        yield f"the risk becomes {new} (it was {old}); later promotions are judged by it"
    for change in outlook.changes:
        yield from _record_notes(change)


def _record_notes(change: SemanticChange) -> Iterator[str]:
    section, name = change.parts[0], change.parts[-1]
    if section == "releases":
        version = change.parts[1]
        if len(change.parts) == 2 and change.before is ABSENT:
            yield f"the registry entry of {version} is added"
        else:
            yield f"the registry entry of {version} is edited or removed; it is append-only"
    if section == "environments" and name == "hold":
        held = change.after not in (None, ABSENT)
        yield f"{change.parts[1]} is {'put on hold' if held else 'no longer on hold'}"
