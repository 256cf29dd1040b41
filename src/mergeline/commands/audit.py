"""`mergeline audit`: who let which release into which environment, when, made of what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, UsageError
from mergeline.findings import has_errors, in_order
from mergeline.report.text import findings_text, progress, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from mergeline.audit.answer import Answer, Question
    from mergeline.registry.facts import RegisteredVersion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_models(parser)
    parser.add_argument(
        "--env",
        choices=("staging", "production"),
        metavar="ENV",
        help="the environment: staging or production (default: both)",
    )
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--at", metavar="TIME", help="what stood then, e.g. 2024-09-12T10:00Z")
    when.add_argument(
        "--between", nargs=2, metavar="TIME", help="what changed after one and up to the other"
    )
    parser.add_argument(
        "--by", metavar="PERSON", help="what a person wrote, merged, set off or approved"
    )
    parser.add_argument(
        "--offline", action="store_true", help="ask Git alone, not the registry (no approvals)"
    )
    parser.add_argument(
        "--fetches", action="store_true", help="who fetched the data of models, and in which run"
    )
    bundle = parser.add_mutually_exclusive_group()
    bundle.add_argument(
        "--export", type=Path, metavar="FILE", help="write a bundle that anybody can verify"
    )
    bundle.add_argument(
        "--verify-bundle", type=Path, metavar="FILE", help="verify a bundle; asks nothing else"
    )
    add_format(parser, "text", "json", "csv")


def execute(arguments: argparse.Namespace) -> int:
    """Print the rows; 1 if Git contradicts itself or the registry, or a bundle is not whole."""
    if arguments.verify_bundle:
        return _verify(arguments)
    from mergeline.audit.answer import answer

    question = _question(arguments)
    session = Session(arguments)
    lookup, why_not = _lookup(session, offline=arguments.offline)
    found = answer(session.git, session.desired, question, lookup, why_not)
    if arguments.fetches:
        _add_fetches(session, question, found, asked=lookup is not None)
    if arguments.export:
        from mergeline.audit.export import export

        digest = export(session.git, found, question, arguments.export)
        progress(f"{arguments.export}: {digest}")
    _print(found, arguments)
    return int(ExitCode.NO if has_errors(found.findings) else ExitCode.YES)


def _add_fetches(session: Session, question: Question, found: Answer, *, asked: bool) -> None:
    from mergeline.audit.fetches import fetches_of
    from mergeline.errors import ToolError
    from mergeline.specs.repository import model_names

    models = model_names(session.git.tree(session.desired))
    ask = session.registry.tags_of_runs if asked else None
    try:
        fetches = fetches_of(session.settings.state, models, question, ask)
    except ToolError as error:
        found.registry = f"not checked: {error.message}"
        fetches = fetches_of(session.settings.state, models, question, None)
    found.fetches = fetches.rows
    found.findings += fetches.findings


def _question(arguments: argparse.Namespace) -> Question:
    from mergeline.audit.answer import Question
    from mergeline.audit.moment import parse_moment

    if arguments.fetches and arguments.env:
        raise UsageError(
            "--fetches is about models, not about an environment", hint="leave --env out"
        )
    between = None
    if arguments.between:
        first, last = (parse_moment(text) for text in arguments.between)
        if first > last:
            raise UsageError(
                "--between begins after it ends", hint="write the earlier moment first"
            )
        between = (first, last)
    return Question(
        models=tuple(dict.fromkeys(arguments.models)),
        environment=arguments.env,
        at=parse_moment(arguments.at) if arguments.at else None,
        between=between,
        by=arguments.by,
    )


def _lookup(
    session: Session, *, offline: bool
) -> tuple[Callable[[str, str], RegisteredVersion | None] | None, str]:
    """Return how the registry is asked, or why it is not; MLflow is loaded when it is."""
    if offline:
        return None, "--offline"
    if session.registry.empty:
        return None, "nothing was ever written to the local registry; is MLFLOW_TRACKING_URI set?"
    return session.registry.find, ""


def _print(found: Answer, arguments: argparse.Namespace) -> None:
    from mergeline.report.audit import answer_csv, answer_text, fetches_csv, fetches_text

    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text(found.as_json()))
        return
    if found.fetches is not None:
        say((fetches_csv if arguments.format == "csv" else fetches_text)(found.fetches))
    elif arguments.format == "csv":
        say(answer_csv(found))
    else:
        say(answer_text(found, whole=bool(arguments.models)))
    if found.registry != "checked":
        progress(f"registry {found.registry}")
    if found.findings:
        progress(findings_text(in_order(found.findings)))


def _verify(arguments: argparse.Namespace) -> int:
    from mergeline.audit.verify import verify
    from mergeline.report.audit import verified_text

    verified = verify(arguments.verify_bundle)
    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text(verified.as_json()))
    else:
        say(verified_text(verified))
    return int(ExitCode.NO if verified.problems else ExitCode.YES)
