"""Comments on issues and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mergeline.devforge.call import Answer
from mergeline.devforge.refusal import Refusal, broken_rule, invalid_field, not_found
from mergeline.devforge.shapes import conversation
from mergeline.devforge.shapes.pulls import association
from mergeline.devforge.state import Comment, Issue, Pull

if TYPE_CHECKING:
    from mergeline.devforge.call import Call

LONGEST_COMMENT = 65_536


class _Text(msgspec.Struct):
    body: str


def list_comments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}/comments: the oldest first."""
    subject = conversation_of(call)
    comments = [data for data in call.forge.state.all(Comment) if data.number == subject.number]
    return Answer([_shape(call, data) for data in comments])


def create_comment(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues/{number}/comments."""
    subject = conversation_of(call)
    now = call.forge.pulls.now()
    comment = Comment(
        number=subject.number,
        author=call.user.login,
        body=_body(call),
        created_at=now,
        updated_at=now,
    )
    return Answer(_shape(call, call.forge.state.add(comment)), status=201)


def update_comment(call: Call) -> Answer:
    """PATCH /repos/{owner}/{repo}/issues/comments/{id}: one's own only, for a Bot."""
    comment = call.forge.state.get(Comment, call.number("id"))
    if comment is None:
        raise not_found()
    if call.user.type == "Bot" and call.user.login != comment.author:
        raise Refusal(403, "Resource not accessible by integration")
    changed = replace(comment, body=_body(call), updated_at=call.forge.pulls.now())
    return Answer(_shape(call, call.forge.state.save(changed)))


def conversation_of(call: Call) -> Issue | Pull:
    """The issue or pull request that the path numbers, or 404."""
    number = call.number("number")
    found = call.forge.state.get(Issue, number) or call.forge.state.get(Pull, number)
    if found is None:
        raise not_found()
    return found


def _body(call: Call) -> str:
    body = call.body(_Text).body
    if not body.strip():
        raise invalid_field("IssueComment", "body", "missing_field")
    if len(body) > LONGEST_COMMENT:
        raise broken_rule(
            "IssueComment", f"body is too long (maximum is {LONGEST_COMMENT} characters)"
        )
    return body


def _shape(call: Call, data: Comment) -> object:
    member = association(call.forge.config, data.author)
    html = call.urls.conversation_html(data.number, pull=_is_pull(call, data.number))
    return conversation.comment(call.urls, call.forge.accounts, member, data, html)


def _is_pull(call: Call, number: int) -> bool:
    return call.forge.state.get(Pull, number) is not None
