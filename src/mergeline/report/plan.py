"""A plan as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.numbers import counted, listed
from mergeline.report.plan_phrases import (
    approvals_line,
    budget_text,
    change_label,
    change_values,
    estimate_text,
    footing,
    headline,
    neighbour_text,
    reached_groups,
)
from mergeline.report.text import findings_text, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.plan.plan import ModelPlan, Plan

_WIDEST = 60
# So many names of reached models are shown.
_NAMED = 20


def plan_text(plan: Plan) -> str:
    """Return a plan as it is shown: per model the changes, what follows, who approves."""
    foot = [printable(line) for line in footing(plan)]
    if not plan.models:
        return "\n".join(["no model changed", *foot])
    blocks = [_model_text(model) for model in plan.models if model.status != "reached"]
    groups = [_group_text(group) for group in reached_groups(plan)]
    return "\n\n".join([*blocks, *groups, "\n".join([headline(plan), *foot])])


def version_text(model: ModelPlan) -> str:
    """Return e.g. `0.1.0 -> 0.2.0`, `0.2.0 (new)` or `0.1.0 (removed)`; empty if unreadable."""
    before, after = model.version.before, model.version.after
    if before and after:
        return before if before == after else f"{before} -> {after}"
    if model.status == "removed":
        return f"{before} (removed)" if before else "(removed)"
    known = after or before
    return f"{known} (new)" if known and model.status == "added" else known or ""


def _group_text(group: tuple[ModelPlan, list[str]]) -> str:
    model, names = group
    shown = listed(names, _NAMED)
    lines = [printable(f"{counted(len(names), 'model')} reached: {shown}")]
    lines += [printable(f"  because {reason}") for reason in model.reasons]
    lines += [printable(f"  note: {note}") for note in model.notes]
    return "\n".join(lines)


def _model_text(model: ModelPlan) -> str:
    about = [f"risk {model.risk}"] if model.risk else []
    about += [f"owner {model.owner}"] if model.owner else []
    title = [model.name, version_text(model), f"({', '.join(about)})" if about else ""]
    lines = ["  ".join(printable(part) for part in title if part)]
    lines += [printable(f"because {reason}") for reason in model.reasons]
    lines += _columns([(change_label(change), change_values(change)) for change in model.changes])
    if model.actions:
        steps = [
            (f"{number}. {action.title}", action.reason)
            for number, action in enumerate(model.actions, 1)
        ]
        lines += ["then", *_columns(steps)]
    if model.approvals:
        lines.append(printable(f"approvals: {approvals_line(model)}"))
    if model.estimate:
        lines.append(printable(f"estimate: {estimate_text(model.estimate)}"))
        budget = budget_text(model.estimate)
        lines += [printable(f"estimate: {budget}")] if budget else []
    lines += [_line(f"also open: {neighbour_text(one)}") for one in model.pull_requests]
    lines += [printable(f"note: {note}") for note in model.notes]
    if model.findings:
        lines += ["", findings_text(model.findings)]
    return "\n".join(lines)


def _columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    shown = [(_line(left), _line(right)) for left, right in rows]
    width = min(max((len(left) for left, _ in shown), default=0), _WIDEST)
    return [f"  {left.ljust(width)}  {right}".rstrip() for left, right in shown]


def _line(text: str) -> str:
    return printable(text).replace("\n", "\\n").replace("\t", " ")
