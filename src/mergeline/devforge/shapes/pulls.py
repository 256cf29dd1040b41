"""Pull requests: as elements of a list, and in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.shapes.labels import label
from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.repository import repository
from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.git import ChangedFile
    from mergeline.devforge.shapes.urls import Urls
    from mergeline.devforge.state import Pull


def pull_simple(urls: Urls, accounts: Accounts, config: ForgeConfig, data: Pull) -> Json:
    """GitHub's pull-request-simple."""
    html = urls.pull_html(data.number)
    links = _links(urls, data)
    return {
        "url": links["self"],
        "id": data.id,
        "node_id": node_id("PullRequest", data.id),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": links["issue"],
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "number": data.number,
        "state": data.state,
        "locked": False,
        "active_lock_reason": None,
        "title": data.title,
        "user": simple_user(urls, accounts, accounts.of_login(data.author)),
        "body": data.body,
        "labels": [label(urls, name) for name in data.labels],
        "milestone": None,
        "created_at": data.created_at,
        "updated_at": data.updated_at,
        "closed_at": data.closed_at,
        "merged_at": data.merged_at,
        "merge_commit_sha": data.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _branch(urls, accounts, config, data.head_ref, data.head_sha),
        "base": _branch(urls, accounts, config, data.base_ref, data.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(config, data.author),
        "auto_merge": None,
        "draft": data.draft,
    }


def pull_full(
    urls: Urls,
    accounts: Accounts,
    config: ForgeConfig,
    data: Pull,
    *,
    mergeable: bool | None,
    blocked: bool,
    comments: int,
    commits: int,
    files: Sequence[ChangedFile],
) -> Json:
    """GitHub's pull-request: the simple one, whether it can be merged, and counts."""
    merger = accounts.of_login(data.merged_by) if data.merged_by else None
    return {
        **pull_simple(urls, accounts, config, data),
        "merged": data.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": _mergeable_state(mergeable=mergeable, blocked=blocked),
        "merged_by": simple_user(urls, accounts, merger) if merger else None,
        "comments": comments,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": commits,
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def association(config: ForgeConfig, login: str) -> str:
    """What a user is to the repository: every configured one may write to it."""
    return "OWNER" if login == config.owner else "COLLABORATOR"


def _mergeable_state(*, mergeable: bool | None, blocked: bool) -> str:
    if mergeable is None:
        return "unknown"
    if not mergeable:
        return "dirty"
    return "blocked" if blocked else "clean"


def _links(urls: Urls, data: Pull) -> dict[str, str]:
    pull = urls.pull_api(data.number)
    issue = f"{urls.api}/issues/{data.number}"
    return {
        "self": pull,
        "html": urls.pull_html(data.number),
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{pull}/comments",
        "review_comment": f"{urls.api}/pulls/comments{{/number}}",
        "commits": f"{pull}/commits",
        "statuses": f"{urls.api}/statuses/{data.head_sha}",
    }


def _branch(urls: Urls, accounts: Accounts, config: ForgeConfig, ref: str, sha: str) -> Json:
    return {
        "label": f"{config.owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": simple_user(urls, accounts, accounts.of_login(config.owner)),
        "repo": repository(urls, accounts, config),
    }
