"""Reviews of pull requests, and their dismissal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from mergeline.devforge.call import Answer
from mergeline.devforge.refusal import Refusal, not_found, unprocessable
from mergeline.devforge.shapes import conversation
from mergeline.devforge.shapes.pulls import association
from mergeline.devforge.state import Pull, Review

if TYPE_CHECKING:
    from mergeline.devforge.call import Call

_STATES: dict[str, Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]] = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}


class _Opinion(msgspec.Struct):
    event: Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"]
    body: str = ""
    commit_id: str | None = None


class _Dismissal(msgspec.Struct):
    message: str


def list_reviews(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/pulls/{number}/reviews: the oldest first."""
    pull = call.forge.pulls.get(call.number("number"))
    reviews = [data for data in call.forge.state.all(Review) if data.number == pull.number]
    return Answer([_shape(call, data) for data in reviews])


def create_review(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/pulls/{number}/reviews; a pending review is not offered."""
    asked = call.body(_Opinion)
    pull = call.forge.pulls.get(call.number("number"))
    _refuse_own(call, pull, asked.event)
    if asked.event != "APPROVE" and not asked.body.strip():
        raise unprocessable("Review body can not be blank")
    review = Review(
        number=pull.number,
        author=call.user.login,
        state=_STATES[asked.event],
        body=asked.body,
        commit_id=_reviewed(call, pull, asked.commit_id),
        submitted_at=call.forge.pulls.now(),
    )
    return Answer(_shape(call, call.forge.state.add(review)))


def dismiss_review(call: Call) -> Answer:
    """PUT /repos/{owner}/{repo}/pulls/{number}/reviews/{id}/dismissals."""
    if call.user.role == "read":
        raise Refusal(403, "Must have push access to Repository.")
    call.body(_Dismissal)
    pull = call.forge.pulls.get(call.number("number"))
    review = call.forge.state.get(Review, call.number("id"))
    if review is None or review.number != pull.number:
        raise not_found()
    if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise unprocessable("Can not dismiss a review that does not approve or request changes")
    return Answer(_shape(call, call.forge.state.save(replace(review, state="DISMISSED"))))


def _refuse_own(call: Call, pull: Pull, event: str) -> None:
    if call.user.login != pull.author:
        return
    if event == "APPROVE":
        raise unprocessable("Can not approve your own pull request")
    if event == "REQUEST_CHANGES":
        raise unprocessable("Can not request changes on your own pull request")


def _reviewed(call: Call, pull: Pull, commit_id: str | None) -> str:
    """The commit that a review is about: the head, unless it names another of its commits."""
    if commit_id is None or commit_id == pull.head_sha:
        return pull.head_sha
    if commit_id not in call.forge.pulls.commits(pull):
        raise unprocessable("Commit is not part of the pull request")
    return commit_id


def _shape(call: Call, data: Review) -> object:
    member = association(call.forge.config, data.author)
    return conversation.review(call.urls, call.forge.accounts, member, data)
