"""Asks the forge which other open pull requests change the models of a plan, in few calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.errors import MergelineError
from mergeline.plan.neighbours import UNKNOWN, Neighbour, Neighbours, models_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.commands.session import Session
    from mergeline.forge import Forge
    from mergeline.forge.types import PullRequest
    from mergeline.git import GitRepository
    from mergeline.plan.plan import Plan

# With the lists of pull requests and of files, at most 3 + 12 calls.
_LISTED = 300
_ASKED = 12
_PAGE = 100
# A plan is to be there soon, with or without the forge.
_TIMEOUT = 5.0
_EVENT = re.compile(r"refs/pull/([0-9]+)/(?:merge|head)")


def neighbours_of(
    session: Session, plan: Plan, *, head: str | None, number: int | None
) -> Neighbours:
    """Return the other open pull requests that change models of a plan.

    The forge is asked if the environment names it or a token, and if there is a model to ask
    about. What it does not answer is unknown, and no error.

    Args:
        session: what the command works with.
        plan: the plan.
        head: the ref of the change; None: the work tree.
        number: of the change's own pull request; None: told by event, commit or branch.
    """
    environ = session.settings.environ
    named = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL")
    if not plan.models or not any(environ.get(name) for name in named):
        return UNKNOWN
    from mergeline.forge import Forge, ForgeSettings

    try:
        git = session.git
        settings = ForgeSettings.resolve(environ, git.config(), git.remote_url())
        own = _Own.of(git, environ, head, number)
        with Forge(settings, timeout=_TIMEOUT) as forge:
            return _ask(forge, git, own, {model.name for model in plan.models})
    except MergelineError as error:
        return Neighbours(note=f"the forge could not be asked: {error.message}")


class _Own:
    """The pull request of the change itself."""

    def __init__(self, number: int | None, commit: str, branch: str | None) -> None:
        self._number = number
        self._commit = commit
        self._branch = branch

    @classmethod
    def of(
        cls, git: GitRepository, environ: Mapping[str, str], head: str | None, number: int | None
    ) -> _Own:
        """Tell it by its number, else by the workflow's event, else by commit and branch."""
        event = _EVENT.fullmatch(environ.get("GITHUB_REF", ""))
        if number is None and event:
            number = int(event[1])
        return cls(number, git.resolve(head or "HEAD"), head or git.branch())

    def is_it(self, pull_request: PullRequest) -> bool:
        """Tell whether a pull request is that of the change."""
        if self._number is not None:
            return pull_request.number == self._number
        branch = (self._branch or "").removeprefix("refs/heads/").removeprefix("origin/")
        return pull_request.head_sha == self._commit or pull_request.head_ref == branch


def _ask(forge: Forge, git: GitRepository, own: _Own, models: set[str]) -> Neighbours:
    listed = forge.pull_requests(most=_LISTED)
    others = [one for one in listed if not own.is_it(one)]
    found, asked, unseen = [], 0, 0
    for one in others:
        paths = _local_paths(git, one)
        if paths is None and asked == _ASKED:
            unseen += 1
            continue
        if paths is None:
            asked += 1
            paths = forge.files(one.number, most=_PAGE)
            unseen += len(paths) == _PAGE
        shared = models_of(paths) & models
        if shared:
            found.append(Neighbour(one.number, one.title, one.author, one.url, shared))
    note = _note(cut=len(listed) == _LISTED, unseen=unseen)
    return Neighbours(tuple(found), known=True, note=note, calls=forge.calls)


def _local_paths(git: GitRepository, one: PullRequest) -> Sequence[str] | None:
    """Return what a pull request changes if this clone has its commits: that needs no call."""
    if not (git.exists(one.head_sha) and git.exists(one.base_sha)):
        return None
    start = git.merge_base(one.base_sha, one.head_sha)
    return git.changed_paths(start, one.head_sha) if start else None


def _note(*, cut: bool, unseen: int) -> str | None:
    left = [f"only the newest {_LISTED} open pull requests were looked at"] if cut else []
    if unseen:
        which = "1 open pull request was" if unseen == 1 else f"{unseen} open pull requests were"
        left.append(f"{which} not looked at in full")
    return "; ".join(left) or None
