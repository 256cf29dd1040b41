"""Which pull request a comment is about, and which commits its results may be of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.forge.workflow_run import read_workflow_run

if TYPE_CHECKING:
    import argparse

    from mergeline.commands.session import Session
    from mergeline.forge.types import PullRequest
    from mergeline.forge.workflow_run import WorkflowRun
    from mergeline.git import GitRepository


@dataclass(frozen=True, slots=True)
class Subject:
    """What is commented on.

    Attributes:
        pull_request: the pull request.
        commits: those that a result may be of; None: of which run the results are is known.
        run: the run that prepared them, or None.
    """

    pull_request: PullRequest
    commits: frozenset[str] | None
    run: WorkflowRun | None = None


def subject_of(session: Session, arguments: argparse.Namespace) -> Subject | str:
    """Return what to comment on, or in words why there is nothing.

    Raises:
        UsageError: the event cannot be read.
        ToolError: the forge does not answer.
    """
    if arguments.workflow_run is not None:
        return _of_run(session, read_workflow_run(arguments.workflow_run))
    pull_request = session.forge.pull_request(arguments.pull_request)
    here = session.git.resolve("HEAD")
    commits = _commits(session.git, here, pull_request.head_sha)
    if commits:
        return Subject(pull_request, commits)
    return (
        f"{here[:12]} is checked out, and pull request #{pull_request.number} "
        f"is at {pull_request.head_sha[:12]}"
    )


def _of_run(session: Session, run: WorkflowRun) -> Subject | str:
    """Find the pull request by what the forge says of the run, and bring its commits here."""
    forge = session.forge
    asked = run.head is not None
    found = forge.pull_requests(head=run.head, base=forge.default_branch()) if asked else []
    mine = [one for one in found if one.head_sha == run.head_sha]
    if not mine:
        return f"no open pull request is at {run.head_sha[:12]}, the commit of the run"
    if not session.git.exists(run.head_sha):
        # A fork's commits are in no branch of this repository. They are read, never checked out.
        session.git.fetch_ref(f"refs/pull/{mine[0].number}/head")
    return Subject(mine[0], None, run)


def _commits(git: GitRepository, here: str, head: str) -> frozenset[str]:
    """Return the head, and the commit checked out, if that is the head or merges it."""
    if here == head:
        return frozenset({head})
    # A workflow has the test merge checked out: the base first, then the head.
    merges = git.exists("HEAD^2") and git.resolve("HEAD^2") == head
    return frozenset({here, head}) if merges else frozenset()
