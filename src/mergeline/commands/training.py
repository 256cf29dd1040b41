"""Running the pipeline of a model in a work tree: the user's, or one made for a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import UsageError
from mergeline.pipeline.champion import champion_of
from mergeline.pipeline.context import Context, lockfile_digest
from mergeline.pipeline.loop import run_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mergeline.commands.session import Session
    from mergeline.pipeline.context import Champion
    from mergeline.pipeline.result import RunResult
    from mergeline.specs.repository import Repository


def train(
    session: Session, repository: Repository, name: str, *, root: Path, say: Callable[[str], None]
) -> RunResult:
    """Run a model's pipeline on the files of the user's work tree.

    Raises:
        ToolError: a step could not answer.
    """
    commit, clean = _commit(session)
    champion = champion_of(repository.models[name], session.registry)
    return _run(session, repository, name, root, say, (commit, clean), champion)


def train_commit(
    session: Session,
    root: Path,
    name: str,
    commit: str,
    champion: Champion | None,
    say: Callable[[str], None],
) -> RunResult:
    """Run a model's pipeline in a work tree that was checked out from one commit.

    Raises:
        ToolError: a step could not answer.
    """
    from mergeline.specs.check import check
    from mergeline.specs.tree import WorkingTree

    repository, _ = check(WorkingTree(root), only={name})
    return _run(session, repository, name, root, say, (commit, True), champion)


def _run(
    session: Session,
    repository: Repository,
    name: str,
    root: Path,
    say: Callable[[str], None],
    source: tuple[str | None, bool],
    champion: Champion | None,
) -> RunResult:
    model = repository.models[name]
    template = model.training.pipeline
    return run_pipeline(
        Context(
            root=root,
            state=session.settings.state,
            model=model,
            template=repository.templates[template],
            template_document=repository.template_documents[template],
            registry=session.registry,
            champion=champion,
            lockfile_digest=lockfile_digest(root, model),
            commit=source[0],
            clean=source[1],
            progress=lambda step: say(f"  {step}"),
            environ=session.settings.environ,
        )
    )


def _commit(session: Session) -> tuple[str | None, bool]:
    """Return HEAD, and whether the work tree equals it; None outside of Git."""
    try:
        return session.git.resolve("HEAD"), not session.git.changes()
    except UsageError:
        return None, False
