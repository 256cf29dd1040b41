"""What follows from the changes of a model, in order, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.plan.effects import TRAINING
from mergeline.plan.moving import applications, promotions
from mergeline.plan.notes import notes_of
from mergeline.plan.outlook import ENVIRONMENTS, Action
from mergeline.plan.releasing import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.plan.outlook import Outlook


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
    release = release_of(outlook, result.notes)
    if release is not None:
        result.actions += [release, *promotions(release.version, ENVIRONMENTS, "the release")]
    result.actions += applications(outlook)
    result.notes += notes_of(outlook)
    _heed_holds(outlook, result)
    return result


def _heed_holds(outlook: Outlook, result: Consequences) -> None:
    """Take out the promotions that a hold stops."""
    for action in [one for one in result.actions if one.kind == "promote"]:
        environment = str(action.environment)
        if outlook.holds(environment):
            result.actions.remove(action)
            result.notes.append(f"{environment} is on hold: nothing is promoted into it")


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
