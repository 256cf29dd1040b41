"""Comments on a pull request's conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mergeline.devforge.call import Answer
from mergeline.devforge.refusal import Refusal, broken_rule, invalid_field, not_found
from mergeline.devforge.shapes import conversation
from mergeline.devforge.shapes.pulls import association
from mergeline.devforge.state import Comment

if TYPE_CHECKING:
    from mergeline.devforge.call import Call

LONGEST_COMMENT = 65_536


class _Text(msgspec.Struct):
    body: str


def list_comments(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/issues/{number}/comments: the oldest first."""
    pull = call.forge.pulls.get(call.number("number"))
    comments = [data for data in call.forge.state.all(Comment) if data.number == pull.number]
    return Answer([_shape(call, data) for data in comments])


def create_comment(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/issues/{number}/comments."""
    pull = call.forge.pulls.get(call.number("number"))
    now = call.forge.pulls.now()
    comment = Comment(
        number=pull.number,
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
    return conversation.comment(call.urls, call.forge.accounts, member, data)
