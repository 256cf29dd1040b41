"""The texts of a new model's model.yaml, features.yaml and training.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.pythons import SPECIFIER
from mergeline.scaffold.baseline import TRAINING_SEED
from mergeline.scaffold.layout import LOCKFILE
from mergeline.scaffold.scalar import inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.design import Design
    from mergeline.scaffold.group import Group

_LINKS = ("documentation", "runbook", "dashboard")


def model_text(answers: Answers) -> str:
    """Return the body of model.yaml."""
    description = answers.description or (
        f"Predicts {answers.target} from {answers.data.name}. "
        "Say here what the answers are used for, and by whom."
    )
    lines = [
        f"name: {inline(answers.name)}",
        f"owner: {inline(answers.owner)}",
        "# The next release. Raise it in the pull request that changes the model.",
        "version: 0.1.0",
        f"task: {answers.task}",
        "# What a wrong answer can cost: it decides approvals and soak.",
        f"risk: {answers.risk}",
        f"description: {inline(description)}",
    ]
    lines += _card_words(answers)
    links = {key: getattr(answers, key) for key in _LINKS if getattr(answers, key)}
    if links:
        lines += ["links:", *(f"  {key}: {inline(link)}" for key, link in links.items())]
    else:
        lines += ["# links:", *(f"#   {key}: https://…" for key in _LINKS)]
    return "\n".join(lines) + "\n"


def _card_words(answers: Answers) -> list[str]:
    """Return the lines that only the model card shows; what nobody said yet is a comment."""
    uses = {"primary_uses": answers.intended_uses, "out_of_scope_uses": answers.out_of_scope_uses}
    lines = ["# For the model card (mergeline card): what it is for and what not, and its limits."]
    if answers.intended_uses:
        lines.append("intended_use:")
        for key, texts in uses.items():
            lines += _items(key, texts, "  ") if texts else [f"  # {key}: [say it here]"]
    else:
        lines += ["# intended_use:", *(f"#   {key}: [say it here]" for key in uses)]
    if answers.limitations:
        return [*lines, *_items("limitations", answers.limitations)]
    return [*lines, "# limitations: [say it here]"]


def _items(key: str, texts: Sequence[str], indent: str = "") -> list[str]:
    return [f"{indent}{key}:", *(f"{indent}  - {inline(text)}" for text in texts)]


def features_text(answers: Answers, plan: Design) -> str:
    """Return the body of features.yaml."""
    lines = ["# Fitted on the training rows only.", "features:"]
    for group in plan.groups:
        lines += _feature(answers, group)
    return "\n".join(lines) + "\n"


def _feature(answers: Answers, group: Group) -> list[str]:
    lines = [
        f"  - name: {group.name}",
        "    # Raise it whenever the transform changes.",
        "    version: 1",
        f"    owner: {inline(answers.owner)}",
        f"    description: {inline(group.why)}",
        "    inputs:",
        *(f"      - {inline(name)}" for name in group.inputs),
        "    transform:",
    ]
    said = msgspec.to_builtins(group.transform)
    return [
        *lines,
        *(f"      {key}: {inline(value)}" for key, value in said.items() if value != {}),
    ]


def training_text(answers: Answers, plan: Design) -> str:
    """Return the body of training.yaml."""
    return "\n".join(
        [
            f"pipeline: {answers.task}",
            f"# {plan.why}",
            f"estimator: {plan.estimator}",
            f"hyperparameters: {inline(plan.hyperparameters)}",
            "# Given to the estimator as random_state; the seed of the split is in data.yaml.",
            f"random_seed: {TRAINING_SEED}",
            "environment:",
            f'  python: "{SPECIFIER}"',
            f"  lockfile: {LOCKFILE}",
            "resources:",
            "  cpu: 1",
            "  memory: 2Gi",
            "  timeout: 30m",
            "budget:",
            "  currency: EUR",
            "  per_run: 1",
            "  per_month: 20",
            "# One thread adds up in one order, so that a training can be repeated bit for bit.",
            "threads: 1",
            "",
        ]
    )
