"""What is said of a plan in one line each, the same in text and in Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mergeline.plan.changes import ABSENT
from mergeline.report.numbers import counted, duration, listed

if TYPE_CHECKING:
    from mergeline.plan.approvals import Approvals
    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.estimates import Estimate, Total
    from mergeline.plan.neighbours import Neighbour
    from mergeline.plan.plan import ModelPlan, Plan
    from mergeline.plan.rules import PolicyChange

_WIDEST = 60
# So many changed numbers are shown.
_MOST = 10
_TEN_CENTS = 0.1
# Strings that nobody takes for a number, a boolean or a null are shown without quotes.
_PLAIN = re.compile(r"(?!(?:true|false|null)\Z)(?:[A-Za-z][\w./-]*|\d+\.\d+\.\d+[\w.+-]*)")


def headline(plan: Plan) -> str:
    """Return the plan in one sentence, e.g. `1 model changed: 1 to train, 1 to release`."""
    changed = [model for model in plan.models if model.status != "reached"]
    reached = len(plan.models) - len(changed)
    kinds = [{action.kind for action in model.actions} for model in changed]
    counts = [
        (sum(bool(model.findings) for model in changed), "not conforming"),
        (sum("train" in kind for kind in kinds), "to train"),
        (sum("release" in kind for kind in kinds), "to release"),
        (sum("apply" in kind for kind in kinds), "to apply"),
        (sum(bool(model.estimate and model.estimate.exceeds) for model in changed), "over budget"),
        (sum(bool(model.pull_requests) for model in plan.models), "in another pull request too"),
    ]
    shown = ", ".join(f"{number} {what}" for number, what in counts if number)
    also = f", {counted(reached, 'more model')} reached" if changed else ""
    if not changed:
        return f"no model changed, {counted(reached, 'model')} reached"
    said = f"{counted(len(changed), 'model')} changed{also if reached else ''}"
    return f"{said}: {shown or 'nothing to train'}"


def footing(plan: Plan) -> list[str]:
    """Return what concerns the plan as a whole: policies, cost and time, what is not known."""
    lines = policy_lines(plan.policies) if plan.policies else []
    if plan.total.runs:
        lines.append(total_text(plan.total))
    if plan.neighbours.note:
        lines.append(f"other pull requests: {plan.neighbours.note}")
    return lines


def policy_lines(change: PolicyChange) -> list[str]:
    """Return what changed in the policies, and by which this change is judged."""
    lines = [
        f"policies: {listed(change.files)} changed; "
        "this change is judged by those of the base, later ones by these"
    ]
    if change.packages:
        lines.append(f"policies: other rules in {listed(change.packages, _MOST)}")
    lines += [
        f"policies: {name}: {_value(before)} -> {_value(after)}"
        for name, before, after in change.values[:_MOST]
    ]
    if len(change.values) > _MOST:
        lines.append(f"policies: and {len(change.values) - _MOST} more numbers")
    if change.unjudged:
        lines.append(f"policies: whom they reach is unknown: {change.unjudged}")
    return lines


def reached_groups(plan: Plan) -> list[tuple[ModelPlan, list[str]]]:
    """Return the reached models by what is said of them: an example, and all names."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[ModelPlan, list[str]]] = {}
    for model in plan.models:
        if model.status == "reached":
            key = (model.reasons, model.notes)
            groups.setdefault(key, (model, []))[1].append(model.name)
    return list(groups.values())


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


def approvals_line(model: ModelPlan) -> str:
    """Return e.g. `staging 0, production 2 with team-x (the owner is team-x)`."""
    counts = ", ".join(approvals_text(one) for one in model.approvals)
    return f"{counts} (the owner is {model.owner})"


def approvals_text(approvals: Approvals) -> str:
    """Return e.g. `production 2 with team-x and ml-risk`."""
    count = "unknown" if approvals.count is None else str(approvals.count)
    return f"{approvals.environment} {count}{_teams(approvals.teams)}"


def _teams(teams: tuple[str, ...] | None) -> str:
    if teams is None:
        return " with unknown teams"
    return f" with {' and '.join(teams)}" if teams else ""


def estimate_text(estimate: Estimate) -> str:
    """Return e.g. `2 runs: 24.0 s as release 1.0.0, 0.0024 EUR (runner …: 0.36 EUR an hour)`."""
    runs = counted(estimate.runs, "run")
    if estimate.past is None or estimate.seconds is None:
        return f"{runs}: unknown, as it never ran here and no release says how long it takes"
    time = f"{runs}: {duration(estimate.seconds)} as {estimate.past.source}"
    if estimate.cost is None:
        return f"{time}; cost unknown, as {estimate.price.source}"
    return f"{time}, {money(estimate.cost)} {estimate.price.currency} ({estimate.price.source})"


def budget_text(estimate: Estimate) -> str | None:
    """Return how the estimate stands to the budget; None if there is none or no cost known."""
    budget = estimate.budget
    if budget is None or estimate.per_run is None:
        return None
    if budget.currency != estimate.price.currency:
        return f"budget in {budget.currency}, prices in {estimate.price.currency}: not compared"
    limits = [("run", estimate.per_run, budget.per_run)]
    if estimate.per_month is not None:
        limits.append(("month of retraining at the most", estimate.per_month, budget.per_month))
    shown = [
        f"{money(cost)} of {most:g} {budget.currency} a {period}" for period, cost, most in limits
    ]
    return f"{'over' if estimate.exceeds else 'within'} budget: {', '.join(shown)}"


def total_text(total: Total) -> str:
    """Return e.g. `estimate: 4 runs, 48.0 s, 0.01 EUR; unknown for 1 model`."""
    known = [duration(total.seconds)] if total.seconds else []
    known += [f"{money(cost)} {currency}" for currency, cost in total.costs.items()]
    unknown = total.unknown
    left = f"unknown for {counted(len(unknown), 'model')}: {listed(unknown)}" if unknown else ""
    said = ", ".join([counted(total.runs, "run"), *known])
    return f"estimate: {said}{'; ' if left else ''}{left}"


def money(amount: float) -> str:
    """Return an amount with cents, or more digits where it is less than ten cents."""
    return f"{amount:.2f}" if amount >= _TEN_CENTS or not amount else f"{amount:.2g}"


def neighbour_text(one: Neighbour) -> str:
    """Return e.g. `#12 by ada changes it too: Tune churn`."""
    return f"#{one.number} by {one.author} changes it too: {one.title}"


def _scalar(value: Any) -> str:
    return "" if isinstance(value, dict | list) else f": {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, str) and value.startswith("sha256:") and len(value) == 71:
        return f"{value[:19]}…"
    plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    text = value if plain else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
