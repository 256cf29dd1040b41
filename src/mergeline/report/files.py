"""The files of a report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mergeline.pipeline.result import write_result
from mergeline.report.comment import model_comment
from mergeline.report.evidence import evidence_of
from mergeline.report.html import About, page
from mergeline.report.section import section

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.pipeline.result import RunResult

# Below the state folder, which Git ignores.
REPORTS = "reports"
PAGE = "report.html"
SECTION = "comment.md"


def write_report(result: RunResult, about: About, folder: Path) -> list[Path]:
    """Write the page, the comment's section and the result, each whole or not at all.

    Raises:
        ToolError: the result is not what a run writes.
        OSError: a file cannot be written.
    """
    findings = [issue.as_finding() for issue in result.findings]
    text = section(result, evidence_of(result), findings)
    html = page(result, about)
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write(folder / PAGE, html),
        _write(folder / SECTION, model_comment(result.model, text, result.commit)),
        write_result(result, folder),
    ]


def _write(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path
