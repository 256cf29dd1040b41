"""Running the pipeline of a model in a work tree: the user's, or one made for a commit."""

from __future__ import annotations

import getpass
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergeline.errors import UsageError
from mergeline.pipeline.champion import champion_of
from mergeline.pipeline.context import Context, lockfile_digest
from mergeline.pipeline.fetch_log import LOG, person_of
from mergeline.pipeline.handing_on import take_from
from mergeline.pipeline.loop import run_pipeline
from mergeline.pipeline.retention import data_store
from mergeline.pipeline.sources import fetcher
from mergeline.settings import STATE
from mergeline.specs.check import check
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mergeline.commands.session import Session
    from mergeline.pipeline.context import Champion
    from mergeline.pipeline.fetch_log import Person
    from mergeline.pipeline.result import RunResult
    from mergeline.specs.repository import Repository


def train(
    session: Session,
    repository: Repository,
    name: str,
    *,
    root: Path,
    say: Callable[[str], None],
    handed_on: Path | None = None,
    fetched_only: bool = False,
) -> RunResult:
    """Run a model's pipeline on the files of the user's work tree.

    Args:
        session: the call.
        repository: the models.
        name: the model's.
        root: the work tree.
        say: told of each step.
        handed_on: a folder whose data are taken before; then no source is asked.
        fetched_only: is no source asked for data?

    Raises:
        ToolError: a step could not answer.
    """
    commit, clean = _commit(session)
    context = context_of(session, repository, name, root, say)
    if handed_on is not None and fetcher(context) is not None:
        take_from(context, handed_on)
    champion = champion_of(repository.models[name], session.registry)
    return run_pipeline(
        replace(
            context,
            registry=session.registry,
            champion=champion,
            commit=commit,
            clean=clean,
            fetched_only=fetched_only or handed_on is not None,
        )
    )


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
    context = context_of(session, repository, name, root, say)
    return run_pipeline(
        replace(
            context,
            registry=session.registry,
            champion=champion,
            commit=commit,
            clean=True,
            fresh=True,
        )
    )


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
        (state / LOG).symlink_to(session.settings.state.resolve() / LOG)
        repository, _ = check(WorkingTree(root), only={name})
        context = context_of(session, repository, name, root, say)
        steps = [step for step in context.template.steps if step not in ("evaluate", "record")]
        template = msgspec.structs.replace(context.template, steps=(*steps, "evaluate"))
        result = run_pipeline(
            replace(context, state=state, template=template, commit=commit, clean=True)
        )
        yield result, Path(folder)


def context_of(
    session: Session,
    repository: Repository,
    name: str,
    root: Path,
    say: Callable[[str], None] = lambda _: None,
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
        person=_person(session),
    )


def _person(session: Session) -> Person:
    """Return who runs this."""
    try:
        config = session.git.config()
    except UsageError:
        config = {}
    return person_of(session.settings.environ, config, getpass.getuser())


def _commit(session: Session) -> tuple[str | None, bool]:
    """Return HEAD, and whether the work tree equals it; None outside of Git."""
    try:
        return session.git.resolve("HEAD"), not session.git.changes()
    except UsageError:
        return None, False
