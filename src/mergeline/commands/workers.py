"""Checks many model folders on all cores: policies and YAML take a core each, not the disk."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from mergeline.commands.checking import Checked, Checker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mergeline.commands.verdicts import Verdict
    from mergeline.specs.held import Held
    from mergeline.specs.listing import Folder
    from mergeline.specs.tree import Tree

    Batch = Mapping[str, Folder]

# Below this, starting workers takes longer than they save.
WORTH_WORKERS = 150
_MOST_WORKERS = 8
# The package that judges a model: the only one that a worker compiles.
_ASKED = ("mergeline.model",)
_checkers: list[Checker] = []


def workers() -> int:
    """Return how many workers this machine has cores for."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST_WORKERS)


def check_in_workers(
    checker: Checker,
    tree: Tree,
    templates: Held,
    policies: Held,
    batches: Sequence[Batch],
    known: Mapping[str, Verdict],
) -> list[Checked | None]:
    """Check batches of folders with the embedded engine, in their order.

    A batch that could not be checked is None: whoever checks it again is told why.

    Args:
        checker: what a worker that is forked goes on with.
        tree: what a worker that is started anew makes a checker of; so with the next two.
        templates: the pipeline templates.
        policies: the policies.
        batches: folders that are checked at a time.
        known: verdicts from before.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    _checkers[:] = [checker]
    with ProcessPoolExecutor(
        workers(), get_context(_method()), initializer=_start, initargs=(tree, templates, policies)
    ) as pool:
        tasks = [
            pool.submit(_work, batch, {name: known[name] for name in batch if name in known})
            for batch in batches
        ]
        try:
            return [task.result() for task in tasks]
        except BrokenProcessPool:
            return [None] * len(batches)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _method() -> str:
    """Return how workers start: forked, they have the compiled policies; not safe everywhere."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _start(tree: Tree, templates: Held, policies: Held) -> None:
    from mergeline.policy.embedded import EmbeddedEngine
    from mergeline.policy.library import PolicyLibrary

    # The interrupt is for the parent, which tells the workers to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not _checkers:
        engine = EmbeddedEngine(PolicyLibrary.load(policies), _ASKED)
        _checkers.append(Checker(tree, templates, lambda: engine))


def _work(batch: Batch, known: Mapping[str, Verdict]) -> Checked | None:
    from mergeline.errors import MergelineError

    try:
        return _checkers[0].check(batch, known)
    except MergelineError:
        # Raised again, and with all that it says, where it can be caught.
        return None
