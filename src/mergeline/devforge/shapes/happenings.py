"""Pushes, and events of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.git import Push
    from mergeline.devforge.shapes.urls import Urls
    from mergeline.devforge.state import Event

_NOTHING = "0" * 40


def activity(urls: Urls, accounts: Accounts, number: int, push: Push) -> Json:
    """GitHub's activity."""
    created, deleted = push.before == _NOTHING, push.after == _NOTHING
    moved = "force_push" if push.forced else "push"
    return {
        "id": number,
        "node_id": node_id("Activity", number),
        "before": push.before,
        "after": push.after,
        "ref": push.ref,
        "timestamp": push.at,
        "activity_type": "branch_creation" if created else "branch_deletion" if deleted else moved,
        "actor": simple_user(urls, accounts, accounts.of_login(push.login)),
    }


def event(urls: Urls, accounts: Accounts, data: Event) -> Json:
    """GitHub's issue-event-for-issue."""
    return {
        "id": data.id,
        "node_id": node_id("BaseRefChangedEvent", data.id),
        "url": f"{urls.api}/issues/events/{data.id}",
        "actor": simple_user(urls, accounts, accounts.of_login(data.actor)),
        "event": data.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": data.created_at,
        "performed_via_github_app": None,
    }
