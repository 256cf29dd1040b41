"""`mergeline apply`: releases, registry and environments become what the default branch says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models
from mergeline.commands.outcomes import OutcomeLog
from mergeline.commands.services import services_of
from mergeline.commands.session import Session
from mergeline.errors import UsageError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    from mergeline.promotion.apply import PARTS

    add_models(parser)
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS,
        default=[],
        help="do this and leave the rest; may be given several times (default: everything)",
    )
    parser.add_argument(
        "--rebuild-registry",
        action="store_true",
        help="first bring back every released version, alias and tag that the registry has lost",
    )
    parser.add_argument(
        "--evaluated",
        type=Path,
        metavar="FOLDER",
        help="register what release evaluate gave, instead of training; with --digest",
    )
    parser.add_argument("--digest", metavar="SHA256", help="of what was evaluated")
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Apply; 1 if anything was refused, 3 if something did not answer."""
    from mergeline.promotion.apply import apply

    session = Session(arguments)
    session.require_own_state()
    if (arguments.evaluated is None) != (arguments.digest is None):
        raise UsageError("--evaluated and --digest go together")
    if arguments.evaluated is not None and (len(arguments.models), arguments.only) != (
        1,
        ["release"],
    ):
        raise UsageError("--evaluated is for one model and --only release")
    evaluated = arguments.evaluated and (arguments.directory / arguments.evaluated).resolve()
    services = services_of(session, evaluated and (evaluated, arguments.digest))
    with OutcomeLog(arguments.format) as log:
        apply(
            services,
            arguments.models,
            log.record,
            arguments.only,
            rebuild=arguments.rebuild_registry,
        )
    return log.exit_code
