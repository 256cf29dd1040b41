"""What the forge answers, reduced to what Mergeline asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]
ReviewEvent = Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"]
MergeMethod = Literal["merge", "squash", "rebase"]
PullRequestState = Literal["open", "closed"]
StatusState = Literal["error", "failure", "pending", "success"]
Permission = Literal["admin", "write", "read", "none"]


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request.

    Attributes:
        merge_commit_sha: the commit that the merge left on the base branch; None unless merged
            (GitHub shows a throw-away test merge there while a pull request is open).
        author: the login; "ghost" when the account is gone, as GitHub shows it.
        url: the page that a person opens.
        head_repository: owner/name of where the head's branch is; None: that fork is gone.
    """

    number: int
    title: str
    body: str
    state: PullRequestState
    merged: bool
    merged_at: datetime | None
    merge_commit_sha: str | None
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    author: str
    url: str
    draft: bool
    labels: tuple[str, ...] = ()
    head_repository: str | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """A branch was moved to a commit; `login` is None when the account is gone."""

    after: str
    login: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a pull request, e.g. `base_ref_changed`."""

    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """One review; `commit_id` is the head that was reviewed, None once GitHub has lost it."""

    author: str
    state: ReviewState
    commit_id: str | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PullRequestCommit:
    """A commit of a pull request; a login is None when the e-mail address is nobody's."""

    sha: str
    author: str | None
    committer: str | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or on a pull request's conversation."""

    id: int
    author: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue.

    Attributes:
        labels: their names.
        author: the login; "ghost" when the account is gone.
        is_pull_request: GitHub shows a pull request as an issue too.
    """

    number: int
    title: str
    body: str
    state: PullRequestState
    labels: tuple[str, ...]
    author: str
    url: str
    created_at: datetime
    closed_at: datetime | None
    is_pull_request: bool


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """The latest status of one context on a commit."""

    context: str
    state: StatusState
    description: str
