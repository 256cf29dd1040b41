"""What is to be known of a change besides the actions that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.plan.changes import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.outlook import Outlook


def notes_of(outlook: Outlook) -> Iterator[str]:
    """Say what takes effect without an action, or is unusual."""
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
    if section == "environments" and change.after is ABSENT and len(change.parts) == 2:
        yield f"Git says nothing about {name} any more: apply leaves it as it is"
    if section == "environments" and name == "hold":
        held = change.after not in (None, ABSENT)
        yield f"{change.parts[1]} is {'put on hold' if held else 'no longer on hold'}"
