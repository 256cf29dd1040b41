"""Users: in short, as they stand in other objects, and in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import User
    from mergeline.devforge.shapes.urls import Urls

_SINCE = "2024-01-01T00:00:00Z"


def simple_user(urls: Urls, accounts: Accounts, user: User) -> Json:
    """GitHub's simple-user."""
    url = f"{urls.base}/users/{user.login}"
    number = accounts.number(user)
    return {
        "login": user.login,
        "id": number,
        "node_id": node_id("User", number),
        "avatar_url": f"{urls.base}/avatars/{number}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{urls.base}/{user.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": user.type,
        "site_admin": False,
    }


def public_user(urls: Urls, accounts: Accounts, user: User) -> Json:
    """GitHub's public-user, which GET /user answers with."""
    return {
        **simple_user(urls, accounts, user),
        "name": user.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": user.email,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }
