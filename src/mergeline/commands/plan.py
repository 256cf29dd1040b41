"""`mergeline plan`: what a change means, what follows from it, and who must approve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    import argparse

    from mergeline.plan.plan import Plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--base", required=True, metavar="REF", help="what the change is to be merged into"
    )
    parser.add_argument("--head", metavar="REF", help="the change; default: the work tree")
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="TERMS",
        help="the models to show: a name, a glob, state:modified, risk:high, owner:team-x; "
        "a comma intersects, a space or another --select unites (default: all)",
    )
    parser.add_argument(
        "--pull-request",
        type=int,
        metavar="N",
        help="the pull request of this change, which is no other one on the same models "
        "(default: that of the workflow's event, or of this branch)",
    )
    parser.add_argument(
        "--offline",
        action="store_true",
        help="do not ask the forge for other open pull requests on the same models",
    )
    parser.add_argument(
        "--summary",
        type=Path,
        metavar="FILE",
        help="append the plan to this file too, as Markdown",
    )
    add_format(parser, "text", "json", "markdown")


def execute(arguments: argparse.Namespace) -> int:
    """Print the plan; NO if a changed model does not conform.

    Raises:
        UsageError: the directory is in no Git repository, a ref is not known, the selection can
            fit no model, or the file of the summary cannot be written.
    """
    from mergeline.commands.planned import plan_of
    from mergeline.plan.selection import parse_selection
    from mergeline.report.text import say

    session = Session(arguments)
    select = parse_selection(arguments.select)
    plan = plan_of(session, arguments.base, arguments.head, select)
    if not arguments.offline:
        from mergeline.commands.neighbours import neighbours_of

        plan = plan.beside(
            neighbours_of(session, plan, head=arguments.head, number=arguments.pull_request)
        )
    if arguments.summary:
        _append(plan, arguments.summary)
    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text(plan.as_json()))
    elif arguments.format == "markdown":
        from mergeline.report.plan_markdown import plan_markdown

        say(plan_markdown(plan))
    else:
        from mergeline.report.plan import plan_text

        say(plan_text(plan))
    return int(ExitCode.NO if plan.broken else ExitCode.YES)


def _append(plan: Plan, path: Path) -> None:
    from mergeline.report.plan_markdown import plan_markdown

    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{plan_markdown(plan)}\n")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="name a file with --summary"
        ) from error
