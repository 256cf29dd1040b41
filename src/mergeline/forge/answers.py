"""GitHub's JSON, checked and read into the types of `mergeline.forge.types`.

Each reader takes a decoded answer and raises `msgspec.ValidationError` when it has not the
fields that GitHub's API documents.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from mergeline.forge.types import (
    Comment,
    CommitStatus,
    Event,
    Issue,
    Permission,
    PullRequest,
    PullRequestCommit,
    PullRequestState,
    Push,
    Review,
    ReviewState,
    StatusState,
)

# What GitHub shows in place of an account that is gone.
GHOST = "ghost"


class _User(msgspec.Struct, frozen=True):
    # The author of a commit whose e-mail address is nobody's may be an empty object.
    login: str | None = None


class _FullyNamed(msgspec.Struct, frozen=True):
    full_name: str


class _Branch(msgspec.Struct, frozen=True):
    ref: str
    sha: str
    repo: _FullyNamed | None = None


class _Label(msgspec.Struct, frozen=True):
    name: str


class _PullRequest(msgspec.Struct, frozen=True):
    number: int
    title: str
    state: PullRequestState
    base: _Branch
    head: _Branch
    user: _User | None
    html_url: str
    merged_at: datetime | None
    body: str | None = None
    merge_commit_sha: str | None = None
    draft: bool = False
    # Old ones of GitHub's own have bare names here.
    labels: tuple[_Label | str, ...] = ()


class _Issue(msgspec.Struct, frozen=True):
    number: int
    title: str
    state: PullRequestState
    user: _User | None
    html_url: str
    labels: tuple[_Label | str, ...]
    created_at: datetime
    body: str | None = None
    closed_at: datetime | None = None
    pull_request: dict[str, object] | None = None


class _Push(msgspec.Struct, frozen=True):
    after: str
    actor: _User | None


class _Event(msgspec.Struct, frozen=True):
    event: str
    created_at: datetime


class _Permission(msgspec.Struct, frozen=True):
    permission: Permission


class _Review(msgspec.Struct, frozen=True):
    user: _User | None
    state: ReviewState
    commit_id: str | None
    submitted_at: datetime | None = None


class _GitCommit(msgspec.Struct, frozen=True):
    message: str


class _Commit(msgspec.Struct, frozen=True):
    sha: str
    commit: _GitCommit
    author: _User | None
    committer: _User | None


class _Comment(msgspec.Struct, frozen=True):
    id: int
    user: _User | None
    html_url: str
    body: str | None = None


class _Tip(msgspec.Struct, frozen=True):
    sha: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{40,64}\Z")]


class _BranchTip(msgspec.Struct, frozen=True):
    commit: _Tip


class _Status(msgspec.Struct, frozen=True):
    context: str
    state: StatusState
    description: str | None = None


class _File(msgspec.Struct, frozen=True):
    filename: str


class _Merge(msgspec.Struct, frozen=True):
    sha: str
    merged: bool


class _Counts(msgspec.Struct, frozen=True):
    commits: int
    changed_files: int


def pull_request(data: object) -> PullRequest:
    """A pull request, full or as an element of a list (which has no `merged`)."""
    raw = msgspec.convert(data, _PullRequest)
    merged = raw.merged_at is not None
    return PullRequest(
        number=raw.number,
        title=raw.title,
        body=raw.body or "",
        state=raw.state,
        merged=merged,
        merged_at=raw.merged_at,
        merge_commit_sha=raw.merge_commit_sha if merged else None,
        base_ref=raw.base.ref,
        base_sha=raw.base.sha,
        head_ref=raw.head.ref,
        head_sha=raw.head.sha,
        author=_login(raw.user) or GHOST,
        url=raw.html_url,
        draft=raw.draft,
        labels=_names(raw.labels),
        head_repository=raw.head.repo.full_name if raw.head.repo else None,
    )


def push(data: object) -> Push:
    """A push to a branch, among what happened to it."""
    raw = msgspec.convert(data, _Push)
    return Push(after=raw.after, login=_login(raw.actor))


def event(data: object) -> Event:
    """An event of an issue or a pull request."""
    raw = msgspec.convert(data, _Event)
    return Event(name=raw.event, created_at=raw.created_at)


def review(data: object) -> Review:
    """A review; one that is pending has no time."""
    raw = msgspec.convert(data, _Review)
    return Review(
        author=_login(raw.user) or GHOST,
        state=raw.state,
        commit_id=raw.commit_id,
        submitted_at=raw.submitted_at,
    )


def pull_request_commit(data: object) -> PullRequestCommit:
    """A commit of a pull request."""
    raw = msgspec.convert(data, _Commit)
    return PullRequestCommit(
        sha=raw.sha,
        author=_login(raw.author),
        committer=_login(raw.committer),
        message=raw.commit.message,
    )


def comment(data: object) -> Comment:
    """A comment on a conversation."""
    raw = msgspec.convert(data, _Comment)
    return Comment(
        id=raw.id, author=_login(raw.user) or GHOST, body=raw.body or "", url=raw.html_url
    )


def branch_head(data: object) -> str:
    """The commit that a branch stands at."""
    return msgspec.convert(data, _BranchTip).commit.sha


def commit_status(data: object) -> CommitStatus:
    """The status of one context."""
    raw = msgspec.convert(data, _Status)
    return CommitStatus(context=raw.context, state=raw.state, description=raw.description or "")


def filename(data: object) -> str:
    """The path of a changed file."""
    return msgspec.convert(data, _File).filename


def login(data: object) -> str | None:
    """Who a user is."""
    return msgspec.convert(data, _User).login


def issue(data: object) -> Issue:
    """An issue, or a pull request as one."""
    raw = msgspec.convert(data, _Issue)
    return Issue(
        number=raw.number,
        title=raw.title,
        body=raw.body or "",
        state=raw.state,
        labels=_names(raw.labels),
        author=_login(raw.user) or GHOST,
        url=raw.html_url,
        created_at=raw.created_at,
        closed_at=raw.closed_at,
        is_pull_request=raw.pull_request is not None,
    )


def labels(data: object) -> list[str]:
    """The names of labels."""
    return list(_names(msgspec.convert(data, tuple[_Label | str, ...])))


def full_name(data: object) -> str:
    """What a repository is called, with its owner."""
    return msgspec.convert(data, _FullyNamed).full_name


def permission(data: object) -> Permission:
    """What somebody may do."""
    return msgspec.convert(data, _Permission).permission


def merge_sha(data: object) -> str | None:
    """The commit that a merge made; None when it was not merged."""
    raw = msgspec.convert(data, _Merge)
    return raw.sha if raw.merged else None


def totals(data: object) -> tuple[int, int]:
    """How many commits and how many changed files a full pull request has."""
    raw = msgspec.convert(data, _Counts)
    return raw.commits, raw.changed_files


def _login(user: _User | None) -> str | None:
    return user.login if user else None


def _names(found: tuple[_Label | str, ...]) -> tuple[str, ...]:
    return tuple(label if isinstance(label, str) else label.name for label in found)
