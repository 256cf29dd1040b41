"""The one loop that runs the steps of a pipeline."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.digest import digest_json
from mergeline.pipeline.cache import write_manifest
from mergeline.pipeline.confined import CONFINED, write_confined
from mergeline.pipeline.context import Context, Progress
from mergeline.pipeline.engine_digest import engine_digest
from mergeline.pipeline.gathering import gather
from mergeline.pipeline.interpreter import check_python
from mergeline.pipeline.result import RunResult, StepResult, write_result
from mergeline.pipeline.retention import expire, set_aside, step_cache
from mergeline.pipeline.sources.stored import origin_of
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.table import STEPS, check_template

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.pipeline.cache import Cache, Entry
    from mergeline.pipeline.origin import Origin
    from mergeline.pipeline.step import Step


@dataclass(slots=True)
class Run:
    """A run under way.

    Attributes:
        context: what it was given.
        outputs: the folders of the steps done, and of the one that failed.
        entries: the cache's entries of the steps done.
        steps: what became of each step so far.
        findings: what is wrong so far.
    """

    context: Context
    outputs: dict[str, Path] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    steps: list[StepResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def origin(self) -> Origin:
        """The data that a step which ran now was made from."""
        known = [entry.origin for entry in self.entries.values()]
        return known[0] if known else origin_of(self.context)


class NotCachedError(Exception):
    """A step would have to run."""


def run_pipeline(context: Context) -> RunResult:
    """Run the steps of a model's template, taking from the cache what did not change.

    What may not be kept any longer is deleted first. Where the context is fresh, every step runs,
    and its outputs replace those in the cache.

    The result is also written to `.mergeline/runs/<model>/result.json`.

    Raises:
        NotCachedError: the context asks for what is cached, and a step is not.
        ToolError: a step could not answer; nothing of it is kept.
    """
    started, clock = context.clock(), time.monotonic()
    run, dataset = Run(context), context.model.data.datasets[0]
    expire(context.state, started, dataset)
    run.findings += check_template(context.template, context.template_document)
    run.findings += check_python(context)
    steps = [] if run.findings else [STEPS[name] for name in context.template.steps]
    cache = step_cache(context.state, public=dataset.public, fresh=context.fresh)
    for number, step in enumerate(steps, start=1):
        if run.findings or (step.name == "record" and context.registry is None):
            result = StepResult(name=step.name, status="skipped")
        else:
            result = _step(run, cache, step, Progress(step.name, number, len(steps), "started"))
        run.steps.append(result)
        context.progress(Progress(step.name, number, len(steps), result.status, result.seconds))
    result_of_run = gather(run, started, time.monotonic() - clock)
    write_result(result_of_run, context.results)
    return result_of_run


def _step(run: Run, cache: Cache, step: Step, started: Progress) -> StepResult:
    key = _key(run, step)
    entry = cache.find(step.name, key)
    if entry is not None and step.holds(run.context, entry.path):
        return _done(run, step, key, entry, "cached")
    if entry is not None:
        cache.discard(entry.path)
    if run.context.cached and not (run.context.recording and step.name == "record"):
        raise NotCachedError(step.name)
    run.context.progress(started)
    return _execute(run, cache, step, key)


def _execute(run: Run, cache: Cache, step: Step, key: str) -> StepResult:
    clock = time.monotonic()
    run.context.confined.clear()
    with cache.work(step.name) as work:
        try:
            step.run(run.context, {need: run.outputs[need] for need in step.needs}, work)
        except StepFailedError as failure:
            run.findings += failure.findings
            seconds = time.monotonic() - clock
            run.outputs[step.name] = _set_aside(run, step, work, seconds)
            return StepResult(name=step.name, status="failed", key=key, seconds=seconds)
        write_confined(run.context, work)
        seconds = time.monotonic() - clock
        volatile = step.volatile | {CONFINED}
        entry = cache.keep(step.name, key, work, run.origin, volatile=volatile, seconds=seconds)
    return _done(run, step, key, entry, "ran")


def _done(run: Run, step: Step, key: str, entry: Entry, status: str) -> StepResult:
    run.outputs[step.name] = entry.path
    run.entries[step.name] = entry
    shutil.rmtree(_aside(run.context, step), ignore_errors=True)
    cached = status == "cached"
    return StepResult(
        name=step.name, status="cached" if cached else "ran", key=key, seconds=entry.seconds
    )


def _key(run: Run, step: Step) -> str:
    return digest_json(
        {
            "step": step.name,
            "engine": engine_digest(),
            "inputs": step.inputs(run.context),
            "upstream": {need: run.entries[need].digest for need in step.needs},
        }
    )


def _aside(context: Context, step: Step) -> Path:
    public = context.model.data.datasets[0].public
    return set_aside(context.state, context.model.name, public=public) / step.name


def _set_aside(run: Run, step: Step, work: Path, seconds: float) -> Path:
    """Keep what a failed step wrote, for the report; it never enters the cache."""
    aside = _aside(run.context, step)
    write_manifest(work, run.origin, step.volatile, seconds)
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(work, aside)
    return aside
