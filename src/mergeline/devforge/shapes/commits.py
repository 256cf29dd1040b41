"""Commits, changed files, and branches."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mergeline.devforge.layers import layers_over
from mergeline.devforge.shapes.people import simple_user
from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.git import ChangedFile, Commit, Signature
    from mergeline.devforge.shapes.urls import Urls


def commit(urls: Urls, accounts: Accounts, data: Commit) -> Json:
    """GitHub's commit; author and committer are null when the e-mail address is nobody's."""
    url = f"{urls.api}/commits/{data.sha}"
    return {
        "url": url,
        "sha": data.sha,
        "node_id": node_id("Commit", data.sha),
        "html_url": f"{urls.html}/commit/{data.sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{urls.api}/git/commits/{data.sha}",
            "author": _signature(data.author),
            "committer": _signature(data.committer),
            "message": data.message,
            "comment_count": 0,
            "tree": {"sha": data.tree, "url": f"{urls.api}/git/trees/{data.tree}"},
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "author": _account(urls, accounts, data.author),
        "committer": _account(urls, accounts, data.committer),
        "parents": [
            {
                "sha": sha,
                "url": f"{urls.api}/commits/{sha}",
                "html_url": f"{urls.html}/commit/{sha}",
            }
            for sha in data.parents
        ],
    }


def diff_entry(urls: Urls, data: ChangedFile, head: str) -> Json:
    """GitHub's diff-entry, without the patch."""
    path = quote(data.path)
    entry: Json = {
        "sha": data.blob,
        "filename": data.path,
        "status": data.status,
        "additions": data.additions,
        "deletions": data.deletions,
        "changes": data.additions + data.deletions,
        "blob_url": f"{urls.html}/blob/{head}/{path}",
        "raw_url": f"{urls.html}/raw/{head}/{path}",
        "contents_url": f"{urls.api}/contents/{path}?ref={head}",
    }
    if data.previous is not None:
        entry["previous_filename"] = data.previous
    return entry


def branch(urls: Urls, accounts: Accounts, config: ForgeConfig, name: str, tip: Commit) -> Json:
    """GitHub's branch-with-protection."""
    url = f"{urls.api}/branches/{quote(name)}"
    rules = [layer.rules for layer in layers_over(config, name)]
    contexts = [context for rule in rules for context in rule.required_status_checks]
    protected = bool(rules)
    return {
        "name": name,
        "commit": commit(urls, accounts, tip),
        "_links": {"html": f"{urls.html}/tree/{quote(name)}", "self": url},
        "protected": protected,
        "protection": {
            "enabled": protected,
            "required_status_checks": {
                "enforcement_level": "everyone" if protected else "off",
                "contexts": list(dict.fromkeys(contexts)),
                "checks": [],
            },
        },
        "protection_url": f"{url}/protection",
    }


def _signature(data: Signature) -> Json:
    return {"name": data.name, "email": data.email, "date": data.date}


def _account(urls: Urls, accounts: Accounts, data: Signature) -> Json | None:
    user = accounts.of_email(data.email)
    return simple_user(urls, accounts, user) if user else None
