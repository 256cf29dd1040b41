"""Issues, and labels on issues and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from mergeline.devforge.call import Answer
from mergeline.devforge.endpoints.comments import conversation_of
from mergeline.devforge.refusal import invalid_field
from mergeline.devforge.shapes import issues as shapes
from mergeline.devforge.shapes.labels import label
from mergeline.devforge.state import Comment, Issue, Pull

if TYPE_CHECKING:
    from mergeline.devforge.call import Call


class _Opening(msgspec.Struct):
    title: str
    body: str | None = None
    labels: tuple[str, ...] = ()


class _Edit(msgspec.Struct):
    title: str | None = None
    body: str | None = None
    state: Literal["open", "closed"] | None = None
    state_reason: Literal["completed", "not_planned", "reopened"] | None = None
    labels: tuple[str, ...] | None = None


class _Labels(msgspec.Struct):
    labels: tuple[str, ...]


def list_issues(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues by state, labels, creator; pull requests are among them."""
    state = call.query.get("state", "open")
    labels = set(filter(None, call.query.get("labels", "").split(",")))
    creator = call.query.get("creator")
    everything: list[Issue | Pull] = [*call.forge.state.all(Issue), *call.forge.state.all(Pull)]
    chosen = [
        data
        for data in sorted(everything, key=lambda data: -data.number)
        if state in (data.state, "all")
        and labels <= set(data.labels)
        and creator in (None, "", data.author)
    ]
    return Answer([_shape(call, data) for data in chosen])


def create_issue(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues."""
    asked = call.body(_Opening)
    if not asked.title.strip():
        raise invalid_field("Issue", "title", "missing_field")
    now = call.forge.pulls.now()
    issue = Issue(
        title=asked.title,
        body=asked.body,
        author=call.user.login,
        labels=_once(asked.labels),
        created_at=now,
        updated_at=now,
    )
    return Answer(_shape(call, call.forge.state.add(issue)), status=201)


def get_issue(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}."""
    return Answer(_shape(call, conversation_of(call)))


def update_issue(call: Call) -> Answer:
    """PATCH /repos/{owner}/{repo}/issues/{number}: what is given; a pull request's too."""
    asked = call.body(_Edit)
    found = conversation_of(call)
    changed: Issue | Pull
    if isinstance(found, Pull):
        changed = call.forge.pulls.edit(
            found, title=asked.title, body=asked.body, state=asked.state
        )
    else:
        changed = _edited(call, found, asked)
    if asked.labels is not None:
        changed = replace(changed, labels=_once(asked.labels))
    return Answer(_shape(call, call.forge.state.save(changed)))


def add_labels(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues/{number}/labels."""
    asked = call.body(_Labels)
    found = conversation_of(call)
    labels = _once((*found.labels, *asked.labels))
    call.forge.state.save(replace(found, labels=labels, updated_at=call.forge.pulls.now()))
    return Answer([label(call.urls, name) for name in labels])


def _edited(call: Call, issue: Issue, asked: _Edit) -> Issue:
    now = call.forge.pulls.now()
    edited = replace(
        issue,
        title=issue.title if asked.title is None else asked.title,
        body=issue.body if asked.body is None else asked.body,
        updated_at=now,
    )
    if asked.state == "closed" and issue.state == "open":
        return replace(
            edited,
            state="closed",
            state_reason=asked.state_reason or "completed",
            closed_at=now,
            closed_by=call.user.login,
        )
    if asked.state == "open" and issue.state == "closed":
        return replace(
            edited, state="open", state_reason="reopened", closed_at=None, closed_by=None
        )
    return edited


def _once(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels))


def _shape(call: Call, data: Issue | Pull) -> object:
    comments = sum(comment.number == data.number for comment in call.forge.state.all(Comment))
    return shapes.issue(call.urls, call.forge.accounts, call.forge.config, data, comments)
