"""Reading the results that other jobs hand over: data that a pull request may have made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.pipeline.result import RESULT, read_result
from mergeline.report.evidence import evidence_of
from mergeline.report.standing import NO_RESULT

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from mergeline.pipeline.result import RunResult
    from mergeline.plan.plan import ModelPlan

UNREADABLE = "a result that cannot be read"
# A result is some 100 kB; what is much larger was not written by a run.
_LARGEST = 20_000_000


def given_result(
    reports: Path, plan: ModelPlan, commits: Collection[str] | None
) -> RunResult | str:
    """Return the result of a planned model, or why there is none, in words of ours.

    Args:
        reports: the folder that holds `MODEL/result.json`.
        plan: the model's part of the plan.
        commits: the commits that its run may have seen: the head, and its merge into the base;
            None: the forge has told that the run was of the head.
    """
    path = reports / plan.name / RESULT
    if not path.is_file():
        return NO_RESULT
    # Whoever wrote the folder may have put a link there, out of it.
    if path.resolve() != reports.resolve() / plan.name / RESULT or path.stat().st_size > _LARGEST:
        return UNREADABLE
    try:
        result = read_result(path.parent)
        evidence_of(result)
        _ = [issue.as_finding() for issue in result.findings]
    except (ToolError, ValueError, RecursionError):
        return UNREADABLE
    if result.model != plan.name or not result.clean:
        return NO_RESULT
    if commits is not None and result.commit not in commits:
        return NO_RESULT
    return result if result.version == plan.version.after else NO_RESULT
