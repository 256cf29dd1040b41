"""The pipeline in a process of its own, which knows no credential of whoever asks for it.

The process that registers, signs and pushes parses no data and no model, and the one that does has
nothing to write with.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import RefusedError
from mergeline.pipeline.context import Champion, Context, lockfile_digest
from mergeline.pipeline.fetch_log import Person
from mergeline.pipeline.handing_on import hand_on, take_from
from mergeline.pipeline.handover import hand_over, trained_for
from mergeline.pipeline.loop import run_pipeline
from mergeline.pipeline.result import RunResult
from mergeline.pipeline.sources import fetcher
from mergeline.pipeline.step import StepFailedError
from mergeline.sandbox import Child
from mergeline.sandbox.child import say
from mergeline.specs.check import check
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The steps up to a trained model.
TRAIN = ("data", "features", "train")


class Rival(msgspec.Struct, frozen=True, kw_only=True):
    """The version in production; the folder holds its package."""

    name: str
    version: str
    digest: str
    artifact_digest: str
    folder: str


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run.

    Attributes:
        root: the work tree.
        state: the folder that results and the cache go to.
        model: its name.
        commit: of the work tree, or None.
        clean: does the work tree equal that commit?
        fresh: run every step, whatever the cache holds?
        steps: in another order, or fewer, than the template has them; None: as it has them.
        trained: a folder with a training that was handed over, which is not trained again.
        trained_digest: that it must have; None: the one that the folder itself says.
        hand_over: a new folder for what the next process takes over: of all steps but the record,
            or of the training if that is all; None: it stays where it is.
        champion: the version in production, or None.
        fetched_only: take data that were fetched, and ask no source for them?
        handed_on: a folder whose data are taken before; then no source is asked.
        person: who asks for data.
    """

    root: str
    state: str
    model: str
    commit: str | None = None
    clean: bool = False
    fresh: bool = False
    steps: tuple[str, ...] | None = None
    trained: str | None = None
    trained_digest: str | None = None
    hand_over: str | None = None
    champion: Rival | None = None
    fetched_only: bool = False
    handed_on: str | None = None
    person: Person = Person()


class FetchedBytes(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes of a dataset in the store.

    Attributes:
        asked: was the source asked for them just now?
        content: their SHA-256.
        size: their number.
        fetched: when the source gave them.
    """

    asked: bool
    content: str
    size: int
    fetched: datetime


def context_of(stage: Stage, progress: Callable[[str], None]) -> Context:
    """Return the context of a run that knows no registry."""
    root = Path(stage.root)
    repository, _ = check(WorkingTree(root), only={stage.model})
    model = repository.models[stage.model]
    name = model.training.pipeline
    template = repository.templates[name]
    if stage.steps is not None:
        template = msgspec.structs.replace(template, steps=stage.steps)
    return Context(
        root=root,
        state=Path(stage.state),
        model=model,
        template=template,
        template_document=repository.template_documents[name],
        champion=_champion(stage.champion),
        lockfile_digest=lockfile_digest(root, model),
        commit=stage.commit,
        clean=stage.clean,
        fresh=stage.fresh,
        trained=None if stage.trained is None else Path(stage.trained),
        fetched_only=stage.fetched_only or stage.handed_on is not None,
        person=stage.person,
        progress=lambda step: progress(f"  {step}"),
    )


def run_apart(
    stage: Stage, progress: Callable[[str], None], environ: Mapping[str, str]
) -> RunResult:
    """Run the steps in a process of its own; nothing is recorded.

    Args:
        stage: what is to be run.
        progress: told as each step starts and ends.
        environ: what the process gets of the environment: what reads data, and nothing else.

    Raises:
        RefusedError: the training or the data that were handed over are others.
        ToolError: a step could not answer, or the process ended.
    """
    with Child(f"{__name__}:Runner", what=f"the run of {stage.model}", say=progress) as child:
        child.call(dict(environ))
        found, _ = child.call("run", stage)
    return msgspec.convert(found, RunResult)


def fetch_apart(stage: Stage, to: Path | None, environ: Mapping[str, str]) -> FetchedBytes | None:
    """Fetch the data of a model in a process of its own, which runs nothing of the model's.

    Args:
        stage: whose data; where nothing has to be fetched, nothing is done.
        to: a folder that the bytes are handed on in, for another machine; None: the data store of
            the stage keeps them.
        environ: what the process gets of the environment: what reads data, and nothing else.

    Returns:
        What is in the store now; None: nothing has to be fetched.

    Raises:
        RefusedError: the source has no such data.
        ToolError: the source does not answer.
    """
    with Child(f"{__name__}:Runner", what=f"the fetch for {stage.model}") as child:
        child.call(dict(environ))
        found, _ = child.call("fetch", stage, to)
    return msgspec.convert(found, FetchedBytes | None)


class Runner:
    """What runs in that process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Take what is needed of the environment."""
        os.environ.update(environ)

    def run(self, stage: Stage) -> Any:
        """Run the steps, and hand over what they wrote; the result as plain values."""
        context = replace(context_of(stage, say), environ=os.environ)
        if stage.handed_on is not None and fetcher(context) is not None:
            take_from(context, Path(stage.handed_on))
        if context.trained is not None:
            trained_for(context, context.trained, stage.trained_digest)
        result = run_pipeline(context)
        if stage.hand_over is not None and result.passed:
            ran = [step.name for step in result.steps if step.status == "ran"]
            steps = ["train"] if stage.steps == TRAIN else ran
            home, folder = Path(stage.state).parent, Path(stage.hand_over)
            digest = hand_over(result, home, folder, steps)
            result = msgspec.structs.replace(result, handed_over=digest)
        return msgspec.to_builtins(result)

    def fetch(self, stage: Stage, to: Path | None) -> Any:
        """Fetch the data; what came, as plain values."""
        context = replace(context_of(stage, say), environ=os.environ)
        source = fetcher(context)
        if source is None:
            return None
        try:
            there = source.fetch(context, context.model.data.datasets[0].source)
        except StepFailedError as failure:
            first = failure.findings[0]
            raise RefusedError(first.message, hint=first.hint, location=first.location) from None
        if to is not None:
            hand_on(context, there, to)
        receipt = there.receipt
        size = there.file.stat().st_size
        found = FetchedBytes(
            asked=there.asked, content=receipt.content, size=size, fetched=receipt.fetched
        )
        return msgspec.to_builtins(found)


def _champion(rival: Rival | None) -> Champion | None:
    if rival is None:
        return None
    return Champion(
        name=rival.name,
        version=rival.version,
        digest=rival.digest,
        artifact_digest=rival.artifact_digest,
        fetch=lambda: Path(rival.folder),
    )
