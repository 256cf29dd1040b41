"""`mergeline promote`: open the pull request that moves a release to an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.outcomes import print_outcomes
from mergeline.commands.services import services_of
from mergeline.commands.session import Session
from mergeline.specs.check import check

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    parser.add_argument(
        "--to",
        required=True,
        choices=("staging", "production"),
        metavar="ENV",
        help="the environment: staging or production",
    )
    parser.add_argument(
        "--version",
        metavar="V",
        help="the release (default: the one in the environment below)",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Open or adopt the pull request; 1 if there is no such release."""
    from mergeline.promotion.promote import choose_release, promote

    services = services_of(Session(arguments))
    tree = services.git.tree(services.head)
    repository, findings = check(tree, only={arguments.model})
    model = repository.models.get(arguments.model)
    if model is None:
        from mergeline.commands.options import print_findings

        return print_findings(findings, "text", f"{arguments.model} on the default branch")
    release = choose_release(model, arguments.to, arguments.version)
    outcome = promote(services, model, arguments.to, release, reopen=True)
    return print_outcomes([outcome], arguments.format)
