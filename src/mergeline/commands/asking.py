"""What `mergeline new` asks on a terminal, and what it takes for an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.errors import UsageError
from mergeline.report.text import progress

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TASKS = ("classification", "regression", "forecasting", "text-classification")
RISKS = ("low", "medium", "high")
# What nobody but the user knows: asked for where no flag gives it. Without a flag here, an empty
# answer is one.
QUESTIONS: dict[str, tuple[str | None, str]] = {
    "name": ("NAME", "What is the model called (lower-case letters, digits, hyphens)?"),
    "template": ("--template", f"What does it do ({', '.join(TASKS)})?"),
    "data": ("--data", "Which .csv or .parquet file does it learn from?"),
    "target": ("--target", "Which column does it predict?"),
    "owner": ("--owner", "Which team answers for it (its slug on the forge)?"),
    "risk": (None, f"What can a wrong answer cost ({', '.join(RISKS)}; empty: medium)?"),
}
_OF_HIGH_RISK = {
    "runbook": ("--runbook", "Where is its runbook (https://…), which high risk asks for?"),
    "sensitive": (
        "--sensitive",
        "Which column tells the groups that must be served alike, which high risk asks for?",
    ),
}
_CHOICES: dict[str, Collection[str]] = {"template": TASKS, "risk": RISKS}


def ask(given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for what was not given, again until the answer can be one; return all answers.

    Raises:
        UsageError: there are no more answers.
    """
    answers = dict(given)
    for name in QUESTIONS:
        if answers[name] is None:
            answers[name] = _ask(name, *QUESTIONS[name])
    if answers["risk"] == "high":
        from mergeline.scaffold.answers import high_risk_asks

        for name in high_risk_asks(answers["template"]):
            if answers[name] is None:
                answers[name] = _ask(name, *_OF_HIGH_RISK[name])
    return answers


def _ask(name: str, flag: str | None, question: str) -> str | None:
    while True:
        try:
            answer = input(f"{question} ").strip()
        except EOFError:
            raise UsageError(f"no answer for {flag or f'--{name}'}") from None
        if not answer and flag is None:
            return None
        complaint = _complaint(name, answer)
        if complaint is None:
            return answer
        progress(complaint)


def _complaint(name: str, answer: str) -> str | None:
    """Return what is wrong with an answer, as far as it can be told of it alone."""
    if not answer:
        return "an answer is needed; Ctrl-C leaves all as it is"
    if name in _CHOICES:
        known = _CHOICES[name]
        return None if answer in known else f"one of {', '.join(known)}"
    if name == "data":
        return None if Path(answer).is_file() else f"there is no file {answer}"
    from mergeline.scaffold.answers import misfit

    return misfit(name, answer)
