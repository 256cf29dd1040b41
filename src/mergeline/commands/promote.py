"""`mergeline promote`: open the pull request that moves a release to an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_environment, add_format
from mergeline.commands.outcomes import print_outcome
from mergeline.commands.promoted import services_and_model
from mergeline.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from mergeline.promotion.services import Services
    from mergeline.specs.types.environment import Emergency


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    add_environment(parser, "--to")
    parser.add_argument(
        "--version",
        metavar="V",
        help="the release (default: the one in the environment below)",
    )
    parser.add_argument(
        "--emergency",
        action="store_true",
        help="what cannot wait: set gates aside, by a pull request of its own",
    )
    parser.add_argument(
        "--waive",
        action="append",
        default=[],
        metavar="RULE",
        help="with --emergency: a gate to set aside; may be given several times",
    )
    parser.add_argument("--reason", metavar="TEXT", help="with --emergency: why it cannot wait")
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Open or adopt the pull request; 1 if there is no such release."""
    from mergeline.promotion.promote import choose_release, promote

    _require_whole(arguments)
    services, model = services_and_model(arguments)
    release = choose_release(model, arguments.to, arguments.version)
    outcome = promote(
        services,
        model,
        arguments.to,
        release,
        reopen=True,
        emergency=_emergency(services, arguments),
    )
    return print_outcome(outcome, arguments.format)


def _require_whole(arguments: argparse.Namespace) -> None:
    """An emergency says why; without one there is nothing to waive, and no reason to give."""
    if arguments.emergency and not arguments.reason:
        raise UsageError("--emergency asks for --reason TEXT")
    if not arguments.emergency and (arguments.reason or arguments.waive):
        raise UsageError("--reason and --waive belong to --emergency")


def _emergency(services: Services, arguments: argparse.Namespace) -> Emergency | None:
    if not arguments.emergency:
        return None
    from mergeline.promotion.emergency import declare

    return declare(services, arguments.reason, tuple(dict.fromkeys(arguments.waive)))
