"""`mergeline hold`: open the pull request that lets nothing be promoted into an environment."""

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
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for the record")
    parser.add_argument("--lift", action="store_true", help="take the hold away again")
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Open or adopt the pull request; 1 if there is nothing to hold, or no hold to lift."""
    from mergeline.promotion.hold import hold, lift

    services, model = services_and_model(arguments)
    change = lift if arguments.lift else hold
    outcome = change(services, model, arguments.env, arguments.reason)
    return print_outcome(outcome, arguments.format)
