"""Pull requests that the engine opens: one branch per model and environment, adopted or made."""

from __future__ import annotations

import re
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
Kind = Literal["promotion", "emergency", "rollback", "hold", "adoption"]
_HEADS = re.compile(r"<!-- mergeline:heads ([0-9a-f ]+) -->")


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
        kind: what it is for; each has a branch of its own, so that none is in another's way.
        dispatchers: the logins of those who set the bot off.
    """

    model: str
    environment: str
    digest: str
    title: str
    body: str
    files: Mapping[str, bytes]
    kind: Kind = "promotion"
    dispatchers: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The message of the commit; it keeps who is behind the bot, for the approvals."""
        trailers = [f"{DISPATCHER_TRAILER}: {login}" for login in self.dispatchers]
        return "\n".join([self.title, *([""] if trailers else []), *trailers])

    @property
    def branch(self) -> str:
        """The branch, the same for each proposal of a kind for this model and environment."""
        return branch_of(self.model, self.environment, self.kind)

    @property
    def marker(self) -> str:
        """The line of the body by which the proposal is recognised."""
        return (
            f"<!-- mergeline:{self.kind} {environment_path(self.model, self.environment)} "
            f"{self.digest} -->"
        )

    def text(self, *heads: str) -> str:
        """Return the pull request's body; it keeps the commits that the bot puts on the branch."""
        return f"{self.body}\n\n{self.marker}\n<!-- mergeline:heads {' '.join(heads)} -->\n"


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


def branch_of(model: str, environment: str, kind: str) -> str:
    """Return the branch of proposals; Git cannot have one branch below another."""
    suffix = "" if kind == "promotion" else f"-{kind}"
    return f"mergeline/{model}/{environment}{suffix}"


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
    known = forge.pull_requests(head=proposal.branch, base=base_branch, state="all")
    standing = next((item for item in known if item.state == "open"), None)
    closed = [item for item in known if item.state == "closed" and not item.merged]
    if standing is None and not reopen:
        for item in closed:
            if proposal.marker in item.body:
                return Proposed(item, "left alone")
    tip = git.remote_branch(proposal.branch)
    if standing is not None and tip is not None:
        if tip not in _heads(standing.body):
            return Proposed(standing, "left alone")
        git.fetch()
        if proposal.marker in standing.body and _says(git, tip, base, proposal):
            return Proposed(standing, "adopted")
    commit = _commit(git, proposal, base)
    if standing is not None:
        # The body first: killed before the push, the old tip is still known as the bot's.
        body = proposal.text(*(head for head in (tip, commit) if head))
        updated = forge.update_pull_request(standing.number, title=proposal.title, body=body)
        git.push(commit, proposal.branch, expects=tip)
        return Proposed(updated, "updated")
    git.push(commit, proposal.branch, expects=tip)
    made = forge.create_pull_request(
        title=proposal.title, body=proposal.text(commit), head=proposal.branch, base=base_branch
    )
    return Proposed(made, "opened")


def _heads(body: str) -> set[str]:
    """Return the commits that the bot has put on the branch.

    Names of authors prove nothing: anybody can commit under the bot's. Whoever writes a commit
    of their own into this line wins only that the bot puts its own commit in its place.
    """
    found = _HEADS.search(body)
    return set(found.group(1).split()) if found else set()


def _says(git: GitRepository, tip: str, base: str, proposal: Proposal) -> bool:
    """Does the branch change exactly what the proposal does, and nothing beside it?"""
    start = git.merge_base(base, tip)
    if start is None or not set(git.changed_paths(start, tip)) <= set(proposal.files):
        return False
    tree = git.tree(tip)
    try:
        return all(tree.read(path) == content for path, content in proposal.files.items())
    except FileNotFoundError:
        return False


def _commit(git: GitRepository, proposal: Proposal, base: str) -> str:
    return git.commit_files(
        base,
        proposal.files,
        message=proposal.message,
        name=BOT_NAME,
        email=git.config().get("mergeline.botemail", "mergeline@localhost"),
    )
