"""A plan as text for a terminal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mergeline.plan.changes import ABSENT
from mergeline.report.text import findings_text, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.plan.approvals import Approvals
    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.plan import ModelPlan, Plan

_WIDEST = 60
# Strings that nobody takes for a number, a boolean or a null are shown without quotes.
_PLAIN = re.compile(r"(?!(?:true|false|null)\Z)(?:[A-Za-z][\w./-]*|\d+\.\d+\.\d+[\w.+-]*)")


def plan_text(plan: Plan) -> str:
    """Return a plan as it is shown: per model the changes, what follows, who approves."""
    if not plan.models:
        return "no model changed"
    blocks = [_model_text(model) for model in plan.models]
    return "\n\n".join([*blocks, headline(plan)])


def headline(plan: Plan) -> str:
    """Return the plan in one sentence, e.g. `1 model changed: 1 to train, 1 to release`."""
    count = len(plan.models)
    changed = f"{count} model{'s' * (count != 1)} changed"
    kinds = [{action.kind for action in model.actions} for model in plan.models]
    counts = [
        (sum(bool(model.findings) for model in plan.models), "not conforming"),
        (sum("train" in kind for kind in kinds), "to train"),
        (sum("release" in kind for kind in kinds), "to release"),
        (sum("apply" in kind for kind in kinds), "to apply"),
    ]
    shown = ", ".join(f"{number} {what}" for number, what in counts if number)
    return f"{changed}: {shown or 'nothing to train'}"


def version_text(model: ModelPlan) -> str:
    """Return e.g. `0.1.0 -> 0.2.0`, `0.2.0 (new)` or `0.1.0 (removed)`; empty if unreadable."""
    before, after = model.version.before, model.version.after
    if before and after:
        return before if before == after else f"{before} -> {after}"
    if model.status == "removed":
        return f"{before} (removed)" if before else "(removed)"
    known = after or before
    return f"{known} (new)" if known and model.status == "added" else known or ""


def change_label(change: SemanticChange) -> str:
    """Return where a change stands, e.g. `training.hyperparameters.C`."""
    parts = change.parts
    # features.features.x and files.x.py say the same with less.
    shown = parts[1:] if parts[:2] == ("features", "features") or parts[0] == "files" else parts
    return ".".join(shown)


def change_values(change: SemanticChange) -> str:
    """Return e.g. `1.0 -> 0.5`, `new`, `removed`, or `changed` for what is known by digest."""
    if change.before is ABSENT:
        return f"new{_scalar(change.after)}"
    if change.after is ABSENT:
        return f"removed{_scalar(change.before)}"
    if change.parts[0] in ("files", "lockfile"):
        return f"changed: {_value(change.before)} -> {_value(change.after)}"
    return f"{_value(change.before)} -> {_value(change.after)}"


def approvals_text(approvals: Approvals) -> str:
    """Return e.g. `production 2`."""
    count = "unknown" if approvals.count is None else str(approvals.count)
    return f"{approvals.environment} {count}"


def _scalar(value: Any) -> str:
    return "" if isinstance(value, dict | list) else f": {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, str) and value.startswith("sha256:") and len(value) == 71:
        return f"{value[:19]}…"
    plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    text = value if plain else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _model_text(model: ModelPlan) -> str:
    about = [f"risk {model.risk}"] if model.risk else []
    about += [f"owner {model.owner}"] if model.owner else []
    title = [model.name, version_text(model), f"({', '.join(about)})" if about else ""]
    lines = ["  ".join(printable(part) for part in title if part)]
    lines += _columns([(change_label(change), change_values(change)) for change in model.changes])
    if model.actions:
        steps = [
            (f"{number}. {action.title}", action.reason)
            for number, action in enumerate(model.actions, 1)
        ]
        lines += ["then", *_columns(steps)]
    if model.approvals:
        counts = ", ".join(approvals_text(one) for one in model.approvals)
        lines.append(printable(f"approvals: {counts} (the owner is {model.owner})"))
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
