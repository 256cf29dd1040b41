"""What promotion works with: the clone, the forge, the registry, the judge, the clock."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.specs.repository import load_repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from mergeline.forge import Forge
    from mergeline.git import GitRepository
    from mergeline.pipeline.context import Champion
    from mergeline.pipeline.result import RunResult
    from mergeline.policy.engine import PolicyEngine
    from mergeline.promotion.emergency import Emergencies
    from mergeline.promotion.statement import Builder
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.registry.signing import Signing
    from mergeline.registry.trust import Trust
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree
    from mergeline.specs.types.scalars import EnvironmentName

# In the order in which a release goes through them.
ENVIRONMENTS: tuple[EnvironmentName, ...] = ("staging", "production")


@dataclass(frozen=True)
class Services:
    """Everything outside this process, and the two judges of it.

    Attributes:
        git: the clone.
        forge: the forge.
        registry: MLflow.
        policies: gives the engine for the policies of a tree.
        train: runs a model's pipeline in a work tree: its root, the model, the commit that it
            holds, the champion; gives the result, and the folder of its outputs.
        retrain: runs it without cache, champion and registry, to rebuild what was released; gives
            the result, and the folder of its outputs for as long as it is looked at.
        state: the folder of what Mergeline keeps on this machine.
        digest_of: computes the digest of a packaged model from its files.
        signing: gives the means to sign by that the environment offers and some policies trust.
        builder: what runs this, for the provenance.
        dispatchers: the logins of those who set this call off, the last one now; kept in the
            commits that it makes.
        clock: the time, in UTC.
        progress: told what is going on.
    """

    git: GitRepository
    forge: Forge
    registry: MlflowRegistry
    policies: Callable[[Tree], PolicyEngine]
    train: Callable[
        [Path, str, str, Champion | None], AbstractContextManager[tuple[RunResult, Path]]
    ]
    retrain: Callable[[Path, str, str], AbstractContextManager[tuple[RunResult, Path]]]
    state: Path
    digest_of: Callable[[Path], str]
    signing: Callable[[Trust], Signing | None]
    builder: Builder
    progress: Callable[[str], None]
    clock: Callable[[], datetime]
    dispatchers: tuple[str, ...] = ()

    @cached_property
    def default_branch(self) -> str:
        """The branch that the forge merges into."""
        return self.forge.default_branch()

    @cached_property
    def person(self) -> str:
        """The login of the person behind this call, for what is written down with a name.

        Raises:
            UsageError: the token is a bot's, and nobody is said to have set it off.
        """
        if self.dispatchers:
            return self.dispatchers[-1]
        try:
            return self.forge.login()
        except ToolError as error:
            raise UsageError(
                f"it is not known who asks for this: {error.message}",
                hint="use a token of your own, or set MERGELINE_DISPATCHER to your login",
            ) from error

    @cached_property
    def seen_head(self) -> str:
        """The default branch as far as this clone can tell: asked from the remote if it answers.

        Enough for a preview, which decides nothing: a workflow's check job has every branch
        but no right to fetch.
        """
        branch = self.default_branch
        with suppress(ToolError):
            self.git.fetch()
        return self.git.remote_head(branch)

    @cached_property
    def head(self) -> str:
        """The commit that the forge says the default branch is at, with its whole history.

        The work tree does not count, and no name of this clone does: what is merged does.

        Raises:
            RefusedError: the remote of this clone does not have that commit.
            ToolError: the history cannot be had.
        """
        return self._fetched(self.forge.branch_head(self.default_branch))

    def newest_head(self) -> str:
        """Ask again where the default branch is; see `head`."""
        head = self.forge.branch_head(self.default_branch)
        return head if head == self.head else self._fetched(head)

    def _fetched(self, head: str) -> str:
        branch = self.default_branch
        self.git.fetch(whole=True)
        if not self.git.contains(self.git.remote_head(branch), head):
            raise RefusedError(
                f"the forge says that {branch} is at {head[:12]}, which the branch {branch} of the "
                "remote origin does not hold",
                hint="is origin the repository that the forge was asked about? See: git remote -v",
            )
        return head

    @cached_property
    def emergencies(self) -> Emergencies:
        """Those of the default branch that nobody has followed up."""
        from mergeline.promotion.emergency import Emergencies

        return Emergencies(self.git, self.head, lambda: self.forge)

    @cached_property
    def _judges(self) -> dict[str, PolicyEngine]:
        return {}

    def judge_of(self, commit: str) -> PolicyEngine:
        """Return the engine for the policies of a commit; they are read once.

        Raises:
            ToolError: they cannot be evaluated.
        """
        if commit not in self._judges:
            self._judges[commit] = self.policies(self.git.tree(commit))
        return self._judges[commit]

    def model_at(self, commit: str, name: str) -> ModelFolder | None:
        """Return a model at a commit; None: it is not there, or does not conform."""
        return load_repository(self.git.tree(commit), only={name}).models.get(name)
