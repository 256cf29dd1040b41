"""Pull requests: list, open, read, change, merge, commits, files, and those of a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from mergeline.devforge.call import Answer
from mergeline.devforge.shapes.commits import commit, diff_entry
from mergeline.devforge.shapes.pulls import pull_full, pull_simple
from mergeline.devforge.state import Comment, Pull

if TYPE_CHECKING:
    from mergeline.devforge.call import Call


class _Opening(msgspec.Struct):
    title: str
    head: str
    base: str
    body: str | None = None


class _Edit(msgspec.Struct):
    title: str | None = None
    body: str | None = None
    state: Literal["open", "closed"] | None = None
    base: str | None = None


class _Merge(msgspec.Struct):
    sha: str | None = None
    merge_method: Literal["merge", "squash", "rebase"] = "merge"
    commit_title: str | None = None
    commit_message: str | None = None


def list_pulls(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls, by state, head (owner:branch) and base."""
    state = call.query.get("state", "open")
    head = call.query.get("head")
    base = call.query.get("base")
    owner = call.forge.config.owner
    chosen = [
        pull
        for pull in call.forge.pulls.all()
        if state in (pull.state, "all")
        and head in (None, "", f"{owner}:{pull.head_ref}")
        and base in (None, "", pull.base_ref)
    ]
    return Answer([_simple(call, pull) for pull in chosen])


def create_pull(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/pulls."""
    asked = call.body(_Opening)
    pull = call.forge.pulls.open(
        call.user, title=asked.title, body=asked.body, head=asked.head, base=asked.base
    )
    return Answer(_full(call, pull), status=201)


def get_pull(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls/{number}."""
    return Answer(_full(call, call.forge.pulls.get(call.number("number"))))


def update_pull(call: Call) -> Answer:
    """PATCH /repos/{owner}/{repo}/pulls/{number}."""
    asked = call.body(_Edit)
    pull = call.forge.pulls.get(call.number("number"))
    edited = call.forge.pulls.edit(pull, title=asked.title, body=asked.body, state=asked.state)
    if asked.base not in (None, edited.base_ref):
        edited = call.forge.pulls.point(edited, asked.base, call.user)
    return Answer(_full(call, edited))


def merge_pull(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/pulls/{number}/merge."""
    asked = call.body(_Merge)
    merged = call.forge.pulls.merge(
        call.forge.pulls.get(call.number("number")),
        call.user,
        sha=asked.sha,
        method=asked.merge_method,
        title=asked.commit_title,
        message=asked.commit_message,
    )
    return Answer(
        {
            "sha": merged.merge_commit_sha,
            "merged": True,
            "message": "Pull Request successfully merged",
        }
    )


def list_commits(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls/{number}/commits: the oldest first, at most 250."""
    pull = call.forge.pulls.get(call.number("number"))
    shas = call.forge.pulls.commits(pull)[:250]
    found = call.forge.repository.commits(shas)
    return Answer([commit(call.urls, call.forge.accounts, data) for data in found])


def list_files(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls/{number}/files: at most 3000."""
    pull = call.forge.pulls.get(call.number("number"))
    found = call.forge.repository.files(pull.base_sha, pull.head_sha)[:3000]
    return Answer([diff_entry(call.urls, data, pull.head_sha) for data in found])


def list_pulls_of_commit(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/commits/{sha}/pulls."""
    return Answer([_simple(call, pull) for pull in call.forge.pulls.of_commit(call.path["sha"])])


def _simple(call: Call, pull: Pull) -> object:
    return pull_simple(call.urls, call.forge.accounts, call.forge.config, pull)


def _full(call: Call, pull: Pull) -> object:
    comments = [c for c in call.forge.state.all(Comment) if c.number == pull.number]
    return pull_full(
        call.urls,
        call.forge.accounts,
        call.forge.config,
        pull,
        mergeable=call.forge.pulls.mergeable(pull),
        blocked=call.forge.pulls.blocked_because(pull) is not None,
        comments=len(comments),
        commits=len(call.forge.pulls.commits(pull)),
        files=call.forge.repository.files(pull.base_sha, pull.head_sha),
    )
