"""Issues, and pull requests as issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.shapes.labels import label
from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.pulls import association
from mergeline.devforge.shapes.urls import Json, node_id
from mergeline.devforge.state import Pull

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.shapes.urls import Urls
    from mergeline.devforge.state import Issue


def issue(
    urls: Urls, accounts: Accounts, config: ForgeConfig, data: Issue | Pull, comments: int
) -> Json:
    """GitHub's issue."""
    url = f"{urls.api}/issues/{data.number}"
    shown: Json = {
        "id": data.id,
        "node_id": node_id("Issue", data.id),
        "url": url,
        "repository_url": urls.api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": urls.conversation_html(data.number, pull=isinstance(data, Pull)),
        "number": data.number,
        "state": data.state,
        "state_reason": None if isinstance(data, Pull) else data.state_reason,
        "title": data.title,
        "body": data.body,
        "user": simple_user(urls, accounts, accounts.of_login(data.author)),
        "labels": [label(urls, name) for name in data.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": comments,
        "closed_at": data.closed_at,
        "created_at": data.created_at,
        "updated_at": data.updated_at,
        "author_association": association(config, data.author),
        "performed_via_github_app": None,
    }
    if isinstance(data, Pull):
        shown |= {"draft": data.draft, "pull_request": _pull(urls, data)}
    elif data.closed_by:
        shown["closed_by"] = simple_user(urls, accounts, accounts.of_login(data.closed_by))
    return shown


def _pull(urls: Urls, data: Pull) -> Json:
    html = urls.pull_html(data.number)
    return {
        "url": urls.pull_api(data.number),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "merged_at": data.merged_at,
    }
