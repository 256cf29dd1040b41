"""A plan as Markdown for a pull request's comment: the verdict first, the rest in folds.

Whatever a user wrote stands in a code span, where Markdown, HTML, @mentions and links mean
nothing. Lists, not tables: no escape keeps every pipe inside its cell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.report.numbers import counted, listed
from mergeline.report.plan import version_text
from mergeline.report.plan_phrases import (
    approvals_text,
    budget_text,
    change_label,
    change_values,
    estimate_text,
    footing,
    headline,
    neighbour_text,
    reached_groups,
)
from mergeline.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.findings import Finding
    from mergeline.plan.outlook import Action
    from mergeline.plan.plan import ModelPlan, Plan

# A comment holds 65,536 characters; the rest is for what stands around the plan.
LIMIT = 60_000
_LONGEST_SPAN = 200
_CLOSING = 200
# So many names of reached models, and other pull requests, are shown.
_NAMED = 50
_LISTED = 10
_SHORTEST_LINE = len("- ``: ``\n")
# Words and versions, but nothing that Markdown or GitHub makes a link, a mention or a mark of.
_HARMLESS = re.compile(r"(?!.*(?:www\.|GH-))[A-Za-z][A-Za-z0-9 ,.;:()-]{0,200}", re.ASCII)


def plan_markdown(plan: Plan, limit: int = LIMIT) -> str:
    """Return a plan as Markdown.

    Args:
        plan: the plan.
        limit: the most characters of the answer; at least 1,000. What does not fit is left
            out by whole lines and whole models, and counted.
    """
    compared = f"Compared with {code(plan.base[:12])}; the plan is {code(plan.digest)}."
    foot = _foot(plan, limit // 4)
    top = f"**{_capital(headline(plan))}.**" if plan.models else "**No model changed.**"
    text = f"{top}\n\n{compared}\n"
    room = limit - len(text) - len(foot) - _CLOSING
    blocks, left = _blocks(plan, room)
    text = "".join([text, *blocks])
    if left:
        text += f"\n{left} more not shown here; `mergeline plan` shows all of them.\n"
    return f"{text}{foot}"


def _foot(plan: Plan, room: int) -> str:
    text = ""
    for line in footing(plan):
        item = f"- {prose(line)}\n"
        if len(text) + len(item) > room:
            return f"\n{text}- and more: `mergeline plan` shows it\n"
        text += item
    return f"\n{text}" if text else ""


def _blocks(plan: Plan, room: int) -> tuple[list[str], int]:
    """Return as many blocks as there is room for, and how many models are left out.

    Those that stop the merge come first, and then those whose merge sets most in motion.
    """
    blocks: list[str] = []
    changed = [model for model in plan.models if model.status != "reached"]
    groups = reached_groups(plan)
    reached = [_reached(model, names) for model, names in groups]
    sizes = [len(names) for _, names in groups]
    for number, model in enumerate(sorted(changed, key=_weight)):
        block = _fitting(model, room)
        if block is None:
            return blocks, len(changed) - number + sum(sizes)
        blocks.append(block)
        room -= len(block)
    for number, block in enumerate(reached):
        if len(block) > room:
            return blocks, sum(sizes[number:])
        blocks.append(block)
        room -= len(block)
    return blocks, 0


def _weight(model: ModelPlan) -> tuple[bool, bool, str]:
    stopped = bool(model.findings)
    return not stopped, not model.actions, model.name


def _reached(model: ModelPlan, names: Sequence[str]) -> str:
    title = f"{counted(len(names), 'model')} reached"
    lines = [f"- because {code(reason)}" for reason in model.reasons]
    lines += [f"- {prose(note)}" for note in model.notes]
    lines.append(f"- {listed(map(code, names), _NAMED)}")
    return f"\n<details><summary>{title}</summary>\n\n{chr(10).join(lines)}\n\n</details>\n"


def code(text: str) -> str:
    """Return text as a code span that nothing in it can end; long text is cut."""
    line = printable(text).replace("\n", "\\n").replace("\t", " ") or " "
    if len(line) > _LONGEST_SPAN:
        line = f"{line[: _LONGEST_SPAN - 1]}…"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def prose(text: str) -> str:
    """Return text as it is if Markdown takes it as it is, else as a code span."""
    return text if _HARMLESS.fullmatch(text) else code(text)


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _fitting(model: ModelPlan, room: int) -> str | None:
    """Return the block of a model with as many lines in its folds as there is room for."""
    most = min(max(len(model.changes), len(model.findings)), max(room, 0) // _SHORTEST_LINE)
    while True:
        block = _block(model, most)
        if len(block) <= room:
            return block
        if most == 0:
            return None
        most //= 2


def _block(model: ModelPlan, most: int) -> str:
    title = [code(model.name), *_version(model)]
    title += [f"risk {model.risk}"] if model.risk else []
    parts = [f"### {' · '.join(title)}"]
    if model.reasons:
        parts.append("\n".join(f"Because {code(reason)}." for reason in model.reasons))
    if model.approvals:
        counts = ", ".join(approvals_text(one) for one in model.approvals)
        parts.append(f"Approvals: {counts}. The owner is {code(model.owner or 'unknown')}.")
    parts += [f"Also open: {code(neighbour_text(one))}." for one in model.pull_requests[:_LISTED]]
    if model.estimate:
        said = (estimate_text(model.estimate), budget_text(model.estimate))
        parts.append("\n".join(f"- {prose(f'estimate: {text}')}" for text in said if text))
    if model.notes:
        parts.append("\n".join(f"- {prose(note)}" for note in model.notes))
    if model.findings:
        lines = [_finding(finding) for finding in model.findings[:most]]
        parts.append(_fold("what does not conform", lines, len(model.findings)))
    if model.actions:
        lines = [_action(number, action) for number, action in enumerate(model.actions, 1)]
        parts.append(_fold("what follows", lines, len(lines)))
    if model.changes:
        lines = [
            f"- {code(change_label(change))}: {code(change_values(change))}"
            for change in model.changes[:most]
        ]
        parts.append(_fold("what changed", lines, len(model.changes)))
    return "\n" + "\n\n".join(parts) + "\n"


def _version(model: ModelPlan) -> list[str]:
    version = version_text(model)
    return [code(version)] if version else []


def _action(number: int, action: Action) -> str:
    return f"{number}. {prose(action.title)}: {prose(action.reason)}"


def _finding(finding: Finding) -> str:
    line = f"- {code(f'{finding.severity}[{finding.rule}]')} {code(finding.message)}"
    place = f" at {code(str(finding.location))}"
    return f"{line}{place}; {code(finding.hint)}" if finding.hint else f"{line}{place}"


def _fold(summary: str, lines: Sequence[str], count: int) -> str:
    left = count - len(lines)
    shown = [*lines, f"- and {left} more"] if left else lines
    body = "\n".join(shown)
    return f"<details><summary>{count} · {summary}</summary>\n\n{body}\n\n</details>"
