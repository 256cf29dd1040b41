"""The repository: as it stands in a pull request, and in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from typing import Literal

    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig, User
    from mergeline.devforge.guards import Role
    from mergeline.devforge.shapes.urls import Urls

_SINCE = "2024-01-01T00:00:00Z"
# Field and the rest of the address, as GitHub gives them.
_ADDRESSES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository(urls: Urls, accounts: Accounts, config: ForgeConfig) -> Json:
    """GitHub's repository; its minimal-repository is a part of it."""
    return {
        "id": 1,
        "node_id": node_id("Repository", 1),
        "name": config.name,
        "full_name": config.repository,
        "owner": simple_user(urls, accounts, accounts.of_login(config.owner)),
        "private": config.private,
        "html_url": urls.html,
        "description": None,
        "fork": False,
        "url": urls.api,
        **{field: urls.api + rest for field, rest in _ADDRESSES.items()},
        "git_url": f"{urls.html}.git",
        "ssh_url": f"{urls.html}.git",
        "clone_url": f"{urls.html}.git",
        "svn_url": urls.html,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "size": 0,
        "default_branch": config.default_branch,
        "open_issues": 0,
        "open_issues_count": 0,
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "has_downloads": True,
        "archived": False,
        "disabled": False,
        "visibility": "private" if config.private else "public",
        "pushed_at": _SINCE,
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def full_repository(urls: Urls, accounts: Accounts, config: ForgeConfig, user: User) -> Json:
    """GitHub's full-repository, as a user sees it."""
    return {
        **repository(urls, accounts, config),
        "subscribers_count": 0,
        "network_count": 0,
        "permissions": permissions(user.role),
        "allow_merge_commit": "merge" in config.merge_methods,
        "allow_squash_merge": "squash" in config.merge_methods,
        "allow_rebase_merge": "rebase" in config.merge_methods,
        "allow_auto_merge": False,
        "delete_branch_on_merge": config.delete_branch_on_merge,
    }


def permissions(role: Role | Literal["none"]) -> Json:
    """What a role may do, each kind of access by itself."""
    write, admin = role in ("write", "admin"), role == "admin"
    return {
        "admin": admin,
        "maintain": admin,
        "push": write,
        "triage": write,
        "pull": role != "none",
    }
