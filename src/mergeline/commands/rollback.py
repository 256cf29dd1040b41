"""`mergeline rollback`: open the pull request that brings the last verified release back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_environment, add_format
from mergeline.commands.outcomes import print_outcome
from mergeline.commands.promoted import services_and_model

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    add_environment(parser, "--env")
    parser.add_argument(
        "--to",
        metavar="VERSION",
        help="the release to restore (default: the last one that was verified there before)",
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for the record")
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Open or adopt the pull request; 1 if no release fits."""
    from mergeline.promotion.rollback import roll_back

    services, model = services_and_model(arguments)
    outcome = roll_back(services, model, arguments.env, arguments.to, arguments.reason)
    return print_outcome(outcome, arguments.format)
