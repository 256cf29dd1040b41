"""The one comment on a pull request: the verdict first, a row a model, the rest in folds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.report.markdown import code, fold, html_code, table
from mergeline.report.numbers import counted, short
from mergeline.report.plan import version_text
from mergeline.report.plan_markdown import plan_markdown
from mergeline.report.section import HEADER, findings_list, model_fold, row
from mergeline.report.standing import NO_RESULT, unmet
from mergeline.report.waived import waivers_fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.report.standing import ModelStanding, Standing, Unmet

MARKER = "<!-- mergeline:comment -->"
# GitHub takes 65,536; what it counts (bytes, UTF-16) is not written down, so well below.
LIMIT = 60_000
_ROWS = 50
_LISTED = 20
_LEAST_PLAN = 2_000
_HEAD = re.compile(r"^Head `([0-9a-f]{40,64})` · plan ", re.MULTILINE)
_RUN = re.compile(r"^Head `[0-9a-f]{40,64}` · plan `[^`]*` · run `(\d+)\.(\d+)`$", re.MULTILINE)


def comment_markdown(
    standing: Standing,
    limit: int = LIMIT,
    run: tuple[int, int] | None = None,
    page: str | None = None,
) -> str:
    """Return the comment: verdict, rows, what is unmet, folds, the plan, its footer.

    Args:
        standing: where the pull request stands.
        limit: the most characters of the answer; at least 8,000. Folds that do not fit are
            left out whole, and counted.
        run: the number and the attempt of the workflow run that prepared it.
        page: the web page of that run, which holds the reports with their plots.
    """
    found = unmet(standing)
    top = [_verdict(standing, found), _unmet(found), _rows(standing)]
    text = "\n\n".join(part for part in top if part)
    of_run = f" · run `{run[0]}.{run[1]}`" if run else ""
    end = f"Head `{standing.head}` · plan `{standing.plan.digest}`{of_run}\n\n{MARKER}\n"
    if page:
        end = f"[Reports and plots]({page}#artifacts) of the models that ran\n\n{end}"
    room = limit - len(end) - 200
    if len(text) > room - _LEAST_PLAN:
        # Names of users' own make rows long; the verdict, a line, always fits.
        text = f"{top[0]}\n\nThe rows are too long for a comment: see the reports."
    text = _with_folds(text, standing, room - _LEAST_PLAN)
    plan = fold("The plan", plan_markdown(standing.plan, room - len(text) - 100).strip())
    return f"{text}\n\n{plan}\n\n{end}"


def head_of(body: str) -> str | None:
    """Return the commit that a comment's footer names."""
    found = _HEAD.findall(body)
    return str(found[-1]) if found else None


def run_of(body: str) -> tuple[int, int] | None:
    """Return the number and the attempt of the run that a comment's footer names."""
    found = _RUN.findall(body)
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def is_ours(body: str) -> bool:
    """Tell whether a comment ends with the marker."""
    return body.rstrip().endswith(MARKER)


def _verdict(standing: Standing, found: list[Unmet]) -> str:
    count = counted(len(standing.models), "model")
    if found:
        actions = list(dict.fromkeys(one.action for one in found))
        first = f"**Not ready: {counted(len(found), 'thing')} unmet.** {_capital(found[0].text)}."
        return f"{first} Next: {', then '.join(actions)}."
    if not standing.models:
        return "**Ready.** No model changed. Next: a reviewer reads the change and merges it."
    return (
        f"**Ready.** {_capital(count)} changed, and everything that is asked is met. "
        "Next: a reviewer reads the change, approves and merges it."
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _unmet(found: list[Unmet]) -> str:
    if len(found) < 2:
        return ""
    lines = [f"- {one.text}: {one.action}" for one in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(f"- and {len(found) - _LISTED} more")
    return "\n".join(lines)


def _rows(standing: Standing) -> str:
    if not standing.models:
        return ""
    shown = standing.models[:_ROWS]
    text = table(HEADER, [_row(model) for model in shown])
    left = len(standing.models) - len(shown)
    return f"{text}\n\nand {counted(left, 'more model')}" if left else text


def _row(model: ModelStanding) -> list[str]:
    version = version_text(model.plan)
    cells = row(model.plan.name, version.replace(" -> ", " → "), model.evidence)
    if model.evidence is None:
        cells[2] = (model.missing or NO_RESULT) if model.trains else "no run needed"
    return cells


def _with_folds(text: str, standing: Standing, room: int) -> str:
    left = 0
    for block in _folds(standing):
        if len(text) + len(block) + 2 <= room:
            text = f"{text}\n\n{block}"
        else:
            left += 1
    if not left:
        return text
    return f"{text}\n\n{counted(left, 'fold')} more did not fit: see the reports."


def _folds(standing: Standing) -> Iterator[str]:
    if standing.waivers:
        yield waivers_fold(standing.waivers)
    for model in standing.models:
        if model.result is not None and model.evidence is not None:
            yield model_fold(model.result, model.evidence, model.findings)
        elif model.findings:
            title = f"{html_code(model.plan.name)}: {counted(len(model.findings), 'finding')}"
            yield fold(title, findings_list(model.findings))
    if standing.findings:
        title = f"{counted(len(standing.findings), 'finding')} elsewhere"
        yield fold(title, findings_list(standing.findings))


def model_comment(model: str, section: str, head: str | None) -> str:
    """Return what a report says of one model on its own.

    Args:
        model: its name.
        section: its section.
        head: the commit of the run, or None.
    """
    return f"### {code(model)} at {code(short(head))}\n\n{section}\n"
