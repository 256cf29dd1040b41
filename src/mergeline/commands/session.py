"""What a command works with, made from the directory and the environment it was given."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mergeline.settings import resolve
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from mergeline.forge import Forge
    from mergeline.git import GitRepository
    from mergeline.policy.choose import PolicySettings
    from mergeline.policy.engine import PolicyEngine
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.settings import Settings
    from mergeline.specs.tree import Tree


class Session:
    """One call of the command line; each part is made when it is first asked for."""

    def __init__(
        self, arguments: argparse.Namespace, clock: Callable[[], datetime] | None = None
    ) -> None:
        """Take the directory that `-C` names, and the clock; None: that of this machine.

        Raises:
            UsageError: there is no such directory.
        """
        self.root = _root(arguments.directory)
        self.settings: Settings = resolve(self.root, os.environ)
        self.clock = clock or _now
        self._offline = bool(getattr(arguments, "offline", False))
        # Has OPA taken the place of the embedded engine in this call?
        self.opa_stands_in = False
        self._engines: dict[str, PolicyEngine] = {}

    @cached_property
    def git(self) -> GitRepository:
        """The clone.

        Raises:
            UsageError: the directory is in no Git repository.
        """
        from mergeline.git import GitRepository

        return GitRepository(self.root)

    @cached_property
    def tracked(self) -> list[str]:
        """What the next commit of the work tree would hold, as paths; empty outside of Git."""
        from mergeline.errors import UsageError

        try:
            return self.git.tracked()
        except UsageError:
            return []

    def require_own_state(self) -> None:
        """Refuse to act where a commit brought what this machine should have made itself.

        Raises:
            RefusedError: `.mergeline/`, `.venv/` or the like is tracked.
        """
        from mergeline.errors import RefusedError
        from mergeline.specs.tracked import tracked_state

        for finding in tracked_state(self.tracked):
            raise RefusedError(finding.message, hint=finding.hint, location=finding.location)

    @cached_property
    def desired(self) -> str:
        """Git's word: the default branch's commit as this clone last saw it.

        What is checked out does not count, unless there is no remote.

        Raises:
            UsageError: it is not known which branch that is.
        """
        branch = self.git.default_branch()
        if branch is not None:
            return self.git.remote_head(branch)
        if self.git.remote_url() is None:
            return self.git.resolve("HEAD")
        return self.git.remote_head(self._asked_default_branch())

    def _asked_default_branch(self) -> str:
        from mergeline.errors import MergelineError, UsageError

        why = "no forge is asked offline"
        if not self._offline:
            try:
                return self.forge.default_branch()
            except MergelineError as error:
                why = error.message
        raise UsageError(
            f"it is not known which branch of origin is the default one: {why}",
            hint="git remote set-head origin --auto",
        )

    @cached_property
    def work_tree(self) -> WorkingTree:
        """The files as they are on disk."""
        return WorkingTree(self.root)

    @cached_property
    def registry(self) -> MlflowRegistry:
        """MLflow; it is loaded and asked only when it is needed."""
        from mergeline.registry.mlflow import MlflowRegistry

        return MlflowRegistry(self.settings)

    @cached_property
    def forge(self) -> Forge:
        """The forge.

        Raises:
            UsageError: it is not known which repository this is.
        """
        from mergeline.forge import Forge, ForgeSettings

        return Forge(
            ForgeSettings.resolve(self.settings.environ, self.git.config(), self.git.remote_url())
        )

    @cached_property
    def policy_settings(self) -> PolicySettings:
        """How policies are evaluated; where OPA stands in for the embedded engine, it says so.

        Raises:
            UsageError: a value of the environment is not understood.
            ToolError: there is no engine.
        """
        from mergeline.policy.choose import PolicySettings, settle
        from mergeline.report.text import progress

        settings, instead = settle(PolicySettings.from_environment(self.settings.environ))
        if instead:
            self.opa_stands_in = True
            progress(f"{instead.message}; OPA evaluates the policies: {settings.opa_binary}")
        return settings

    def policies(self, tree: Tree) -> PolicyEngine:
        """Return the engine for the policies of a tree.

        Raises:
            ToolError: they cannot be evaluated.
        """
        from mergeline.policy.choose import choose_engine
        from mergeline.policy.library import PolicyLibrary

        library = PolicyLibrary.load(tree)
        if library.digest not in self._engines:
            self._engines[library.digest] = choose_engine(self.policy_settings, library)
        return self._engines[library.digest]

    def judges(self, tree: Tree) -> PolicyEngine:
        """Return the engine for the policies of a tree, with the waivers of that tree in force.

        Raises:
            ToolError: they cannot be evaluated.
        """
        from mergeline.policy.waivers import load_waivers
        from mergeline.policy.waiving import WaivingEngine

        return WaivingEngine(self.policies(tree), load_waivers(tree), self.clock)


def _now() -> datetime:
    return datetime.now(UTC)


def _root(directory: Path) -> Path:
    """Return the nearest folder, from here upwards, that holds a repository of models."""
    from mergeline.errors import UsageError

    start = directory.resolve()
    if not start.is_dir():
        raise UsageError(f"{directory} is no directory", hint="pass an existing one with -C DIR")
    for folder in (start, *start.parents):
        if (folder / "models").is_dir() or (folder / ".git").exists():
            return folder
    raise UsageError(
        f"{directory} is not in a repository of models",
        hint="run it where models/ is, or pass -C DIR",
    )
