"""`mergeline promote`: open the pull request that moves a release to an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_environment, add_format
from mergeline.commands.outcomes import print_outcomes
from mergeline.commands.promoted import services_and_model

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    add_environment(parser, "--to")
    parser.add_argument(
        "--version",
        metavar="V",
        help="the release (default: the one in the environment below)",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Open or adopt the pull request; 1 if there is no such release."""
    from mergeline.promotion.promote import choose_release, promote

    services, model = services_and_model(arguments)
    release = choose_release(model, arguments.to, arguments.version)
    outcome = promote(services, model, arguments.to, release, reopen=True)
    return print_outcomes([outcome], arguments.format)
