"""Pull requests that the engine opens: one branch per model and environment, adopted or made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mergeline.promotion.documents import environment_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.forge import Forge
    from mergeline.forge.types import PullRequest
    from mergeline.git import GitRepository

BOT_NAME = "mergeline"
DISPATCHER_TRAILER = "Mergeline-Dispatcher"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a pull request is to say and change.

    Attributes:
        model: the model.
        environment: the environment that it sets.
        digest: the release digest that it sets there.
        title: of the pull request and its commit.
        body: of the pull request.
        files: path to content, added or replaced.
        dispatcher: the login of who set the bot off, or None.
    """

    model: str
    environment: str
    digest: str
    title: str
    body: str
    files: Mapping[str, bytes]
    dispatcher: str | None = None

    @property
    def message(self) -> str:
        """The message of the commit; it keeps who is behind the bot, for the approvals."""
        trailer = f"\n\n{DISPATCHER_TRAILER}: {self.dispatcher}" if self.dispatcher else ""
        return f"{self.title}{trailer}"

    @property
    def branch(self) -> str:
        """The branch, the same for each proposal for this model and environment."""
        return f"mergeline/{self.model}/{self.environment}"

    @property
    def marker(self) -> str:
        """The line of the body by which the proposal is recognised."""
        return (
            f"<!-- mergeline:promotion {environment_path(self.model, self.environment)} "
            f"{self.digest} -->"
        )


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a proposal.

    Attributes:
        pull_request: the pull request, new or found.
        how: opened; adopted (as it was); updated (made anew on today's base); left alone
            (a person has committed to the branch, or closed it).
    """

    pull_request: PullRequest
    how: Literal["opened", "adopted", "updated", "left alone"]


def propose(
    proposal: Proposal,
    git: GitRepository,
    forge: Forge,
    *,
    base: str,
    base_branch: str,
    reopen: bool,
) -> Proposed:
    """Open the pull request of a proposal, or adopt the one that is there.

    Args:
        proposal: what to change.
        git: the clone; its index and work tree are not touched.
        forge: the forge.
        base: the commit of the base branch to build on.
        base_branch: the branch that the pull request goes to.
        reopen: open a new one even if a person closed an equal one?

    Raises:
        ToolError: the forge or the remote does not answer or refuses.
    """
    body = f"{proposal.body}\n\n{proposal.marker}\n"
    known = forge.pull_requests(head=proposal.branch, base=base_branch, state="all")
    standing = next((item for item in known if item.state == "open"), None)
    closed = [item for item in known if item.state == "closed" and not item.merged]
    if standing is None and not reopen:
        for item in closed:
            if proposal.marker in item.body:
                return Proposed(item, "left alone")
    tip = git.remote_branch(proposal.branch)
    if standing is not None and tip is not None:
        if _edited(git, tip, base):
            return Proposed(standing, "left alone")
        if _says(git, tip, proposal) and proposal.marker in standing.body:
            return Proposed(standing, "adopted")
    _push(git, proposal, base, tip)
    if standing is not None:
        updated = forge.update_pull_request(standing.number, title=proposal.title, body=body)
        return Proposed(updated, "updated")
    made = forge.create_pull_request(
        title=proposal.title, body=body, head=proposal.branch, base=base_branch
    )
    return Proposed(made, "opened")


def _edited(git: GitRepository, tip: str, base: str) -> bool:
    """Has somebody else than the bot committed to the branch?"""
    git.fetch()
    return any(name != BOT_NAME for name in git.authors(base, tip))


def _says(git: GitRepository, tip: str, proposal: Proposal) -> bool:
    tree = git.tree(tip)
    try:
        return all(tree.read(path) == content for path, content in proposal.files.items())
    except FileNotFoundError:
        return False


def _push(git: GitRepository, proposal: Proposal, base: str, tip: str | None) -> None:
    commit = git.commit_files(
        base,
        proposal.files,
        message=proposal.message,
        name=BOT_NAME,
        email=git.config().get("mergeline.botemail", "mergeline@localhost"),
    )
    git.push(commit, proposal.branch, expects=tip)
