"""`mergeline drift`: where the registry is not what Git wants, and what is done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models
from mergeline.commands.outcomes import OutcomeLog
from mergeline.commands.services import services_of
from mergeline.commands.session import Session

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_models(parser)
    parser.add_argument(
        "--issues",
        action="store_true",
        help="keep one issue for each environment that differs, and close those of healed ones",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--heal", action="store_true", help="restore what Git wants, judged as apply judges"
    )
    way.add_argument(
        "--adopt",
        action="store_true",
        help="open the pull request by which Git takes over what the registry has",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Say what differs; 1 if anything still does, 3 if something did not answer."""
    from mergeline.promotion.drift import drift

    session = Session(arguments)
    session.require_own_state()
    services = services_of(session)
    with OutcomeLog(arguments.format) as log:
        drift(
            services,
            arguments.models,
            log.record,
            issues=arguments.issues,
            heal=arguments.heal,
            adopting=arguments.adopt,
        )
    return log.exit_code
