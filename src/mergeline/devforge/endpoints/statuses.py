"""Commit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from mergeline.devforge.call import Answer
from mergeline.devforge.refusal import Refusal, broken_rule, not_found, unknown_commit
from mergeline.devforge.shapes import conversation
from mergeline.devforge.state import Status

if TYPE_CHECKING:
    from mergeline.devforge.call import Call

LONGEST_DESCRIPTION = 140


class _NewStatus(msgspec.Struct):
    state: Literal["error", "failure", "pending", "success"]
    context: str = "default"
    description: str | None = None
    target_url: str | None = None


def create_status(call: Call) -> Answer:
    """POST /repos/{owner}/{repo}/statuses/{sha}."""
    if call.user.role == "read":
        raise Refusal(403, "Must have push access to Repository.")
    asked = call.body(_NewStatus)
    if asked.description and len(asked.description) > LONGEST_DESCRIPTION:
        raise broken_rule(
            "Status", f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        )
    sha = call.forge.repository.resolve(call.path["sha"])
    if sha is None:
        raise unknown_commit(call.path["sha"])
    status = Status(
        sha=sha,
        context=asked.context,
        state=asked.state,
        description=asked.description,
        target_url=asked.target_url,
        creator=call.user.login,
        created_at=call.forge.pulls.now(),
    )
    stored = call.forge.state.add(status)
    return Answer(conversation.status(call.urls, call.forge.accounts, stored), status=201)


def get_combined_status(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/commits/{ref}/status."""
    sha = call.forge.repository.resolve(call.path["ref"])
    if sha is None:
        raise not_found()
    statuses = [status for status in call.forge.state.all(Status) if status.sha == sha]
    combined = conversation.combined_status(
        call.urls, call.forge.accounts, call.forge.config, sha, statuses
    )
    return Answer(combined, paged="statuses")
