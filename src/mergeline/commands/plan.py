"""`mergeline plan`: what a change means, what follows from it, and who must approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models
from mergeline.commands.session import Session
from mergeline.errors import ExitCode

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_models(parser)
    parser.add_argument(
        "--base", required=True, metavar="REF", help="what the change is to be merged into"
    )
    parser.add_argument("--head", metavar="REF", help="the change; default: the work tree")
    add_format(parser, "text", "json", "markdown")


def execute(arguments: argparse.Namespace) -> int:
    """Print the plan; NO if a changed model does not conform.

    Raises:
        UsageError: the directory is in no Git repository, or a ref or a model is not known.
    """
    from mergeline.plan.planning import make_plan
    from mergeline.report.text import say

    plan = make_plan(Session(arguments).git, arguments.base, arguments.head, arguments.models)
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
