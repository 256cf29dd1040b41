"""How the children of a step were confined, written beside its outputs.

No digest sees it: another machine may enforce less, and the outputs are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.pipeline.json_file import write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mergeline.pipeline.context import Context
    from mergeline.pipeline.result import RunResult

CONFINED = "confined.json"
# Where the pipeline ran, as seen from what signs and registers.
JOBS_APART, ONE_MACHINE = "jobs of their own", "processes of one machine"


def write_confined(context: Context, folder: Path) -> None:
    """Write a row for each child, with what it did and what was enforced; none: no file."""
    if context.confined:
        rows = [{"what": what, "enforced": enforced} for what, enforced in context.confined]
        write_json(folder / CONFINED, msgspec.to_builtins(rows))


def isolation_of(result: RunResult) -> dict[str, Any]:
    """Return what kept the model's code from the rest of a run.

    `runs` says where the pipeline ran; `confined` what held the children of each step, by
    subject: the means, or null where a system had none for one of them.
    """
    confined = {
        step: weakest(enforced for child in children for enforced in child["enforced"])
        for step, children in sorted(result.confined.items())
    }
    runs = JOBS_APART if result.jobs_apart else ONE_MACHINE
    return {"runs": runs, "confined": confined}


def weakest(rows: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return by subject what enforces it for all of some children; None: nothing does for one."""
    found: dict[str, str | None] = {}
    for row in rows:
        by = None if row["by"] is None or row["lacks"] else str(row["by"])
        known = found.setdefault(row["subject"], by)
        found[row["subject"]] = None if by is None else known
    return found
