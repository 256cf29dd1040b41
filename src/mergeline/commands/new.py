"""`mergeline new`: make a model from a CSV or Parquet file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.asking import QUESTIONS, RISKS, TASKS, ask
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, RefusedError, UsageError
from mergeline.report.text import progress, say

if TYPE_CHECKING:
    import argparse

    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.model import NewModel


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command; what is missing is asked for on a terminal."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the name of the model")
    parser.add_argument("--template", choices=TASKS, help="what the model does")
    parser.add_argument("--data", type=Path, metavar="FILE", help="a .csv or .parquet file")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument("--owner", metavar="TEAM", help="the team that answers for the model")
    parser.add_argument("--risk", choices=RISKS, help="what a wrong answer can cost: medium")
    parser.add_argument(
        "--time-column", metavar="COLUMN", help="orders the rows in time: the latest ones test"
    )
    forecast = parser.add_argument_group("forecasting")
    forecast.add_argument("--horizon", type=int, metavar="N", help="time points ahead: a season")
    forecast.add_argument(
        "--seasonal-period", type=int, metavar="N", help="time points in a season"
    )
    forecast.add_argument("--series", metavar="COLUMN", help="tells series apart")
    forecast.add_argument(
        "--known-ahead",
        action="append",
        default=[],
        metavar="COLUMN",
        help="its values are known a horizon ahead (again for each)",
    )
    parser.add_argument(
        "--sensitive", metavar="COLUMN", help="its groups must be served alike (fairness)"
    )
    parser.add_argument(
        "--retention", default="365d", metavar="TIME", help="of personal data (default: 365d)"
    )
    parser.add_argument("--description", metavar="TEXT", help="what the model is for")
    for flag, words in (
        ("intended-use", "a use that it is made for"),
        ("out-of-scope-use", "a use that it is not made for"),
        ("limitation", "where its answers are worth less"),
    ):
        parser.add_argument(
            f"--{flag}",
            action="append",
            default=[],
            metavar="TEXT",
            help=f"{words}, for the model card (again for each)",
        )
    for link in ("documentation", "runbook", "dashboard"):
        parser.add_argument(f"--{link}", metavar="URL", help=f"where the {link} is")


def execute(arguments: argparse.Namespace) -> int:
    """Ask for what is missing, then write the folder; nothing is overwritten."""
    session = Session(arguments)
    answers = _answers(arguments)
    _check_repository(session, answers)
    from mergeline.scaffold.laying import lay
    from mergeline.scaffold.model import new_model
    from mergeline.scaffold.teams import add_team

    made = new_model(answers, session.work_tree)
    folder = f"models/{answers.name}"
    lay(session.root / folder, made.files)
    if add_team(session.root, answers.owner):
        say(f"added {answers.owner} to organization.teams in policies/data.yaml")
    _warn(made)
    say(f"wrote {folder}/: {', '.join(made.files)}")
    say(f"next:\n  mergeline validate {answers.name}\n  mergeline run {answers.name}")
    say("  mergeline workflows")
    return int(ExitCode.YES)


def _answers(arguments: argparse.Namespace) -> Answers:
    from mergeline.scaffold.answers import Answers

    given = {name: getattr(arguments, name) for name in (*QUESTIONS, "runbook", "sensitive")}
    missing = [flag for name, (flag, _) in QUESTIONS.items() if flag and given[name] is None]
    if missing and not sys.stdin.isatty():
        raise UsageError(
            f"missing: {', '.join(missing)}",
            hint="give it on the command line, or answer on a terminal",
        )
    if missing:
        given = ask(given)
    return Answers(
        name=given["name"],
        task=given["template"],
        data=Path(given["data"]),
        target=given["target"],
        owner=given["owner"],
        risk=given["risk"] or "medium",
        time_column=arguments.time_column,
        sensitive=given["sensitive"],
        retention=arguments.retention,
        description=arguments.description,
        horizon=arguments.horizon,
        seasonal_period=arguments.seasonal_period,
        series=arguments.series,
        known_ahead=tuple(arguments.known_ahead),
        documentation=arguments.documentation,
        runbook=given["runbook"],
        dashboard=arguments.dashboard,
        intended_uses=tuple(arguments.intended_use),
        out_of_scope_uses=tuple(arguments.out_of_scope_use),
        limitations=tuple(arguments.limitation),
    )


def _check_repository(session: Session, answers: Answers) -> None:
    """Look, before anything is trained, for what the new specs will refer to."""
    if (session.root / "models" / answers.name).exists():
        raise RefusedError(f"models/{answers.name} is there already", hint="choose another name")
    for path in ("requirements/runtime.txt", f"pipelines/{answers.task}.yaml"):
        if not (session.root / path).is_file():
            raise UsageError(f"the repository has no {path}", hint="run mergeline init first")


def _warn(made: NewModel) -> None:
    from mergeline.scaffold.gates_text import FAIRNESS_THRESHOLD

    for field in made.fields:
        if field.reason is not None:
            progress(f'warning: column "{field.name}" is no feature: {field.reason}')
    gap = made.baseline.gap
    if gap is not None and (gap.value is None or gap.value > FAIRNESS_THRESHOLD):
        measured = "cannot be measured" if gap.value is None else f"is {gap.value:.3g}"
        progress(
            f'warning: the difference between the groups of "{gap.column}" {measured}; '
            f"evaluation.yaml accepts {FAIRNESS_THRESHOLD:g}"
        )
    if not made.baseline.learns:
        progress(
            f"warning: the model is no better than {made.rival}: its gate will hardly hold\n"
            "  = help: bring more rows, or columns that tell more of the target"
        )
