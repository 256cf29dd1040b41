"""Running the pipeline of a model in a work tree: the user's, or one made for a commit."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergeline.errors import UsageError
from mergeline.pipeline.champion import champion_of
from mergeline.pipeline.context import Context, lockfile_digest
from mergeline.pipeline.loop import run_pipeline
from mergeline.pipeline.retention import data_store
from mergeline.settings import STATE
from mergeline.specs.check import check
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    """Run a model's pipeline in a work tree that was checked out from one commit, each step anew.

    Code that nobody reviewed runs on this machine too (`mergeline run`, the candidate of a pull
    request), and can write to the cache: a release takes nothing from it.

    Raises:
        ToolError: a step could not answer.
    """
    repository, _ = check(WorkingTree(root), only={name})
    return _run(session, repository, name, root, say, (commit, True), champion, fresh=True)


def retrain_commit(
    session: Session, root: Path, name: str, commit: str, say: Callable[[str], None]
) -> RunResult:
    """Run the pipeline as `retrained_commit` does; nothing stays.

    Raises:
        ToolError: a step could not answer.
    """
    with retrained_commit(session, root, name, commit, say) as (result, _):
        return result


@contextmanager
def retrained_commit(
    session: Session, root: Path, name: str, commit: str, say: Callable[[str], None]
) -> Iterator[tuple[RunResult, Path]]:
    """Run the pipeline as `train_commit` does, but with nothing from the cache or a champion.

    Only the data of the content-addressed store is taken, which is checked by its digest. Nothing
    is recorded. The model is packaged before it is evaluated, so that a gate that this machine
    does not meet (latency, say) leaves something to compare.

    Yields:
        The result, and the folder that its paths are relative to, gone at the end.

    Raises:
        ToolError: a step could not answer.
    """
    with tempfile.TemporaryDirectory(prefix="mergeline-") as folder:
        state = Path(folder, STATE)
        state.mkdir()
        for public in (True, False):
            kept = data_store(session.settings.state, public=public).root
            kept.mkdir(parents=True, exist_ok=True)
            linked = data_store(state, public=public).root
            linked.parent.mkdir(exist_ok=True)
            linked.symlink_to(kept.resolve())
        repository, _ = check(WorkingTree(root), only={name})
        context = _context(session, repository, name, root, say)
        steps = [step for step in context.template.steps if step not in ("evaluate", "record")]
        template = msgspec.structs.replace(context.template, steps=(*steps, "evaluate"))
        result = run_pipeline(
            replace(context, state=state, template=template, commit=commit, clean=True)
        )
        yield result, Path(folder)


def _run(
    session: Session,
    repository: Repository,
    name: str,
    root: Path,
    say: Callable[[str], None],
    source: tuple[str | None, bool],
    champion: Champion | None,
    *,
    fresh: bool = False,
) -> RunResult:
    context = _context(session, repository, name, root, say)
    return run_pipeline(
        replace(
            context,
            registry=session.registry,
            champion=champion,
            commit=source[0],
            clean=source[1],
            fresh=fresh,
        )
    )


def _context(
    session: Session, repository: Repository, name: str, root: Path, say: Callable[[str], None]
) -> Context:
    """Return the context of a run that knows neither registry nor champion yet."""
    model = repository.models[name]
    template = model.training.pipeline
    return Context(
        root=root,
        state=session.settings.state,
        model=model,
        template=repository.templates[template],
        template_document=repository.template_documents[template],
        lockfile_digest=lockfile_digest(root, model),
        progress=lambda step: say(f"  {step}"),
        environ=session.settings.environ,
    )


def _commit(session: Session) -> tuple[str | None, bool]:
    """Return HEAD, and whether the work tree equals it; None outside of Git."""
    try:
        return session.git.resolve("HEAD"), not session.git.changes()
    except UsageError:
        return None, False
