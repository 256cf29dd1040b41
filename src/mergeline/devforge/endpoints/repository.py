"""The user, the repository, its branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.call import Answer
from mergeline.devforge.layers import layers_over
from mergeline.devforge.refusal import Refusal
from mergeline.devforge.shapes import commits, people
from mergeline.devforge.shapes.repository import full_repository

if TYPE_CHECKING:
    from mergeline.devforge.call import Call


def get_user(call: Call) -> Answer:
    """GET /user: a person's token only, as on GitHub."""
    if call.user.type == "Bot":
        raise Refusal(403, "Resource not accessible by integration")
    return Answer(people.public_user(call.urls, call.forge.accounts, call.user))


def get_repository(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}."""
    forge = call.forge
    return Answer(full_repository(call.urls, forge.accounts, forge.config, call.user))


def get_branch(call: Call) -> Answer:
    """GET /repos/{owner}/{repo}/branches/{branch}."""
    name = call.path["branch"]
    sha = call.forge.repository.branches().get(name)
    if sha is None:
        raise Refusal(404, "Branch not found")
    (tip,) = call.forge.repository.commits([sha])
    return Answer(commits.branch(call.urls, call.forge.accounts, call.forge.config, name, tip))


def delete_branch(call: Call) -> Answer:
    """DELETE /repos/{owner}/{repo}/git/refs/heads/{branch}."""
    if call.user.role == "read":
        raise Refusal(403, "Resource not accessible by personal access token")
    branch = call.path["branch"]
    for layer in layers_over(call.forge.config, branch):
        if not layer.rules.allow_deletions and not layer.lets_pass(call.user, "push"):
            raise Refusal(422, "Cannot delete this branch")
    if not call.forge.repository.delete_branch(branch):
        raise Refusal(422, "Reference does not exist")
    return Answer(None, status=204)
