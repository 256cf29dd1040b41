"""What has happened: pushes to branches, and what became of a pull request's base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.call import Answer
from mergeline.devforge.endpoints.comments import conversation_of
from mergeline.devforge.shapes import happenings as shapes
from mergeline.devforge.state import Event

if TYPE_CHECKING:
    from mergeline.devforge.call import Call


def list_activity(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/activity: the newest first, of one ref or of all."""
    ref = call.query.get("ref")
    wanted = ref if ref is None or ref.startswith("refs/") else f"refs/heads/{ref}"
    pushes = [
        shapes.activity(call.urls, call.forge.accounts, number, push)
        for number, push in enumerate(call.forge.repository.pushes(), start=1)
        if wanted in (None, push.ref)
    ]
    return Answer(pushes[::-1], cursors=True)


def list_events(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}/events: the oldest first."""
    number = conversation_of(call).number
    events = [event for event in call.forge.state.all(Event) if event.number == number]
    return Answer([shapes.event(call.urls, call.forge.accounts, event) for event in events])
