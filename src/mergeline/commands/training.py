"""Running the pipeline of a model in a work tree: the user's, or one made for a commit.

The pipeline runs in a process of its own, without the credentials of this one; what it left is
recorded from here.
"""

from __future__ import annotations

import getpass
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import ToolError, UsageError
from mergeline.pipeline.champion import champion_of
from mergeline.pipeline.credentials import data_credentials
from mergeline.pipeline.fetch_log import LOG, person_of
from mergeline.pipeline.handover import require_run_of, take_over
from mergeline.pipeline.loop import NotCachedError, run_pipeline
from mergeline.pipeline.result import Recorded, write_result
from mergeline.pipeline.retention import data_store
from mergeline.pipeline.sealing import IDENTITY, is_sealed, seal, unseal
from mergeline.pipeline.stage import (
    TRAIN,
    FetchedBytes,
    Rival,
    Stage,
    context_of,
    fetch_apart,
    run_apart,
)
from mergeline.pipeline.steps.record import RecordStep
from mergeline.settings import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mergeline.commands.session import Session
    from mergeline.pipeline.context import Champion
    from mergeline.pipeline.fetch_log import Person
    from mergeline.pipeline.result import RunResult
    from mergeline.specs.repository import ModelFolder, Repository


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
    """Run a model's pipeline on the files of the user's work tree, and record it.

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
    stage = stage_of(
        session,
        root,
        name,
        commit=commit,
        clean=clean,
        fetched_only=fetched_only,
        handed_on=None if handed_on is None else str(handed_on),
    )
    champion = champion_of(repository.models[name], session.registry)
    # All of it may be in the cache; then nothing is parsed, and no other process is needed.
    whole = replace(
        context_of(stage, say), registry=session.registry, champion=champion, cached=True
    )
    try:
        return run_pipeline(whole)
    except NotCachedError:
        pass
    credentials = _credentials(session, repository.models[name])
    result = run_apart(_against(stage, champion), say, credentials)
    if not result.passed:
        return result
    recorded = run_pipeline(replace(whole, recording=True))
    return _as_run(session, result, recorded)


def _as_run(session: Session, result: RunResult, recorded: RunResult) -> RunResult:
    """Return a run with what recording it gave.

    Raises:
        ToolError: what was recorded is not what ran.
    """
    if recorded.digests != result.digests:
        raise ToolError("the outputs of the run were changed before they were recorded")
    ran = {step.name: step for step in result.steps if step.status == "ran"}
    steps = tuple(ran.get(step.name, step) for step in recorded.steps)
    whole = msgspec.structs.replace(
        recorded, steps=steps, started=result.started, seconds=result.seconds + recorded.seconds
    )
    write_result(whole, session.settings.state / "runs" / result.model)
    return whole


@contextmanager
def train_commit(
    session: Session,
    root: Path,
    name: str,
    commit: str,
    champion: Champion | None,
    say: Callable[[str], None],
) -> Iterator[tuple[RunResult, Path]]:
    """Run a model's pipeline in a work tree that was checked out from one commit, each step anew.

    Code that nobody reviewed runs on this machine too (`mergeline run`, the candidate of a pull
    request), and can write to the cache: a release takes nothing from it. One process trains,
    another evaluates what the first handed over; this one records what the second handed over, and
    parses neither data nor models.

    Yields:
        The result, and the folder that its paths are relative to, gone at the end.

    Raises:
        ToolError: a step could not answer.
    """
    with tempfile.TemporaryDirectory(prefix="mergeline-") as folder:
        trained, evaluated = Path(folder, "trained"), Path(folder, "evaluated")
        stage = stage_of(
            session,
            root,
            name,
            commit=commit,
            clean=True,
            fresh=True,
            steps=TRAIN,
            hand_over=str(trained),
            fetched_only=True,
        )
        fetch_apart(stage, None, _credentials(session, context_of(stage, say).model))
        result = run_apart(stage, say, {})
        if result.passed:
            stage = msgspec.structs.replace(
                stage,
                steps=None,
                trained=str(trained),
                trained_digest=result.handed_over,
                hand_over=str(evaluated),
            )
            result = run_apart(_against(stage, champion), say, {})
        if result.passed:
            digest = result.handed_over
            yield register_run(session, stage, evaluated, digest, champion), evaluated
        else:
            yield result, evaluated


@contextmanager
def take_commit(
    session: Session,
    root: Path,
    name: str,
    commit: str,
    champion: Champion | None,
    evaluated: tuple[Path, str],
) -> Iterator[tuple[RunResult, Path]]:
    """Record a run that another machine evaluated, as `train_commit` records its own.

    Yields:
        The result, and the folder that its paths are relative to.

    Raises:
        RefusedError: it is of another commit, against another champion, or was changed.
        ToolError: it cannot be recorded.
    """
    folder, digest = evaluated
    stage = stage_of(session, root, name, commit=commit, clean=True)
    result = register_run(session, stage, folder, digest, champion)
    # On a laptop, whoever calls one part after another has one machine for all of them.
    apart = session.settings.environ.get("GITHUB_ACTIONS") == "true"
    yield msgspec.structs.replace(result, jobs_apart=apart), folder


def fetch_to(
    session: Session,
    stage: Stage,
    model: ModelFolder,
    to: Path | None,
    recipients: Iterable[str] | None,
) -> FetchedBytes | None:
    """Fetch the data of a model, for this machine or for another one.

    Args:
        session: whose environment has the credential.
        stage: whose data store keeps them.
        model: whose data.
        to: a folder that they are handed on in; where nothing has to be fetched, it is not made.
            None: they stay here.
        recipients: for whom data that are not public are encrypted; None: they are not.

    Returns:
        What is in the store now; None: nothing has to be fetched.

    Raises:
        RefusedError: the source has no such data, or nobody may read them.
        ToolError: the source does not answer.
    """
    credentials = _credentials(session, model)
    if to is None or recipients is None or model.data.datasets[0].public:
        return fetch_apart(stage, to, credentials)
    with tempfile.TemporaryDirectory(prefix="mergeline-") as folder:
        data = Path(folder, "data")
        found = fetch_apart(stage, data, credentials)
        if found is not None:
            seal(data, to, recipients)
        return found


@contextmanager
def data_in(session: Session, folder: Path) -> Iterator[Path | None]:
    """Give a folder of data that were fetched, decrypted for as long; None: there is none.

    Raises:
        RefusedError: they are not for this machine.
        ToolError: this machine has no identity.
    """
    if not folder.is_dir():
        yield None
    elif not is_sealed(folder):
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="mergeline-") as place:
            unseal(folder, Path(place, "data"), session.settings.environ.get(IDENTITY))
            yield Path(place, "data")


def register_run(
    session: Session, stage: Stage, folder: Path, digest: str | None, champion: Champion | None
) -> RunResult:
    """Record a run that was handed over.

    Args:
        session: whose registry it goes to.
        stage: what was run.
        folder: where it was handed over.
        digest: that it must have.
        champion: the version in production, which it must have been compared with.

    Raises:
        RefusedError: it is another one, or did not pass.
        ToolError: it cannot be recorded.
    """
    result = take_over(folder, digest)
    context = replace(context_of(stage, lambda _: None), registry=session.registry)
    require_run_of(context, result, folder, champion)
    outputs = {step: folder / path for step, path in result.paths.items()}
    recorded = RecordStep().record(context, outputs)
    return msgspec.structs.replace(
        result,
        mlflow=Recorded(**asdict(recorded)),
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
        stage = stage_of(session, root, name, state=str(state), commit=commit, clean=True)
        context = context_of(stage, say)
        order = [step for step in context.template.steps if step not in ("evaluate", "record")]
        stage = msgspec.structs.replace(stage, steps=(*order, "evaluate"))
        yield run_apart(stage, say, _credentials(session, context.model)), Path(folder)


def stage_of(session: Session, root: Path, name: str, **given: Any) -> Stage:
    """Return what is to be run for who calls, in the state folder of the session if none is given.

    Args:
        session: the call.
        root: the work tree.
        name: the model's.
        given: further attributes of a Stage.
    """
    usual = {"state": str(session.settings.state), "person": _person(session)}
    return Stage(root=str(root), model=name, **{**usual, **given})


def _credentials(session: Session, model: ModelFolder) -> dict[str, str]:
    """Return what of the environment reads the data of a model."""
    return data_credentials(model.data.datasets[0].source, session.settings.environ)


def _against(stage: Stage, champion: Champion | None) -> Stage:
    """Return what is to be run, with the package of the champion here if a comparison is made."""
    if champion is None:
        return stage
    rival = Rival(
        name=champion.name,
        version=champion.version,
        digest=champion.digest,
        artifact_digest=champion.artifact_digest,
        folder=str(champion.fetch()),
    )
    return msgspec.structs.replace(stage, champion=rival)


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
