"""Reviews, comments and commit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.protection import latest_statuses
from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.repository import repository
from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.shapes.urls import Urls
    from mergeline.devforge.state import Comment, Review, Status


def review(urls: Urls, accounts: Accounts, association: str, data: Review) -> Json:
    """GitHub's pull-request-review."""
    html = f"{urls.pull_html(data.number)}#pullrequestreview-{data.id}"
    pull = urls.pull_api(data.number)
    return {
        "id": data.id,
        "node_id": node_id("PullRequestReview", data.id),
        "user": simple_user(urls, accounts, accounts.of_login(data.author)),
        "body": data.body,
        "state": data.state,
        "html_url": html,
        "pull_request_url": pull,
        "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
        "submitted_at": data.submitted_at,
        "commit_id": data.commit_id,
        "author_association": association,
    }


def comment(urls: Urls, accounts: Accounts, association: str, data: Comment, html: str) -> Json:
    """GitHub's issue-comment, under the page of its conversation."""
    return {
        "id": data.id,
        "node_id": node_id("IssueComment", data.id),
        "url": f"{urls.api}/issues/comments/{data.id}",
        "html_url": f"{html}#issuecomment-{data.id}",
        "body": data.body,
        "user": simple_user(urls, accounts, accounts.of_login(data.author)),
        "created_at": data.created_at,
        "updated_at": data.updated_at,
        "issue_url": f"{urls.api}/issues/{data.number}",
        "author_association": association,
        "performed_via_github_app": None,
    }


def status(urls: Urls, accounts: Accounts, data: Status) -> Json:
    """GitHub's status."""
    creator = accounts.of_login(data.creator)
    return {
        **_simple_status(urls, accounts, data),
        "creator": simple_user(urls, accounts, creator),
    }


def combined_status(
    urls: Urls, accounts: Accounts, config: ForgeConfig, sha: str, statuses: Sequence[Status]
) -> Json:
    """GitHub's combined-commit-status: the newest of each context, and all in one word."""
    latest = latest_statuses(statuses)
    return {
        "state": _together({data.state for data in latest}),
        "statuses": [_simple_status(urls, accounts, data) for data in latest],
        "sha": sha,
        "total_count": len(latest),
        "repository": repository(urls, accounts, config),
        "commit_url": f"{urls.api}/commits/{sha}",
        "url": f"{urls.api}/commits/{sha}/status",
    }


def _simple_status(urls: Urls, accounts: Accounts, data: Status) -> Json:
    number = accounts.number(accounts.of_login(data.creator))
    return {
        "url": f"{urls.api}/statuses/{data.sha}",
        "avatar_url": f"{urls.base}/avatars/{number}",
        "id": data.id,
        "node_id": node_id("StatusContext", data.id),
        "state": data.state,
        "description": data.description,
        "target_url": data.target_url,
        "context": data.context,
        "created_at": data.created_at,
        "updated_at": data.created_at,
    }


def _together(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "pending" if "pending" in states or not states else "success"
