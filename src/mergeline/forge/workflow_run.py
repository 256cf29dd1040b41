"""The workflow run that set this one off, as GitHub's `workflow_run` event tells of it.

What is read here was written by the forge, except for the branch's name. It says which commit the
run was of, so that nothing need be taken from what the run itself left behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from mergeline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class _Owner(msgspec.Struct, frozen=True):
    login: str


class _Repository(msgspec.Struct, frozen=True):
    owner: _Owner


class WorkflowRun(msgspec.Struct, frozen=True):
    """A run of a workflow.

    Attributes:
        id: grows with each new run of a repository.
        run_attempt: counts how often the run was started again.
        head_sha: the head of its pull request.
        head_branch: the branch that the head is on; a fork's where it came from one.
        head_repository: where that branch is; None if it is gone.
        html_url: the page of the run.
    """

    id: int
    run_attempt: int
    head_sha: str
    head_branch: str
    head_repository: _Repository | None = None
    html_url: (
        Annotated[str, msgspec.Meta(pattern=r"^https?://[A-Za-z0-9._~:/-]+$(?!\n)")] | None
    ) = None

    @property
    def order(self) -> tuple[int, int]:
        """What a later run has more of."""
        return self.id, self.run_attempt

    @property
    def head(self) -> str | None:
        """The branch as the forge looks for it: `OWNER:BRANCH`; None if it is gone."""
        if self.head_repository is None:
            return None
        return f"{self.head_repository.owner.login}:{self.head_branch}"


class _Event(msgspec.Struct, frozen=True):
    workflow_run: WorkflowRun


def read_workflow_run(path: Path) -> WorkflowRun:
    """Return the run that an event's payload tells of.

    Raises:
        UsageError: the file cannot be read, or is not the payload of such an event.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Event).workflow_run
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} is not the payload of a workflow_run event: {error}",
            hint="pass the file that GITHUB_EVENT_PATH names",
        ) from None
