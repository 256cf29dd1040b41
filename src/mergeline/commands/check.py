"""`mergeline check`: would the policies let this pull request be merged and applied now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.commands.options import add_format, print_findings
from mergeline.commands.services import services_of
from mergeline.commands.session import Session
from mergeline.findings import in_order

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mergeline.findings import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--pull-request", type=int, required=True, metavar="N", help="the pull request's number"
    )
    add_format(parser, "text", "json", "github", "sarif")


def execute(arguments: argparse.Namespace) -> int:
    """Judge the pull request; 1 if it is refused."""
    from mergeline.promotion.preview import preview

    session = Session(arguments)
    services = services_of(session)
    findings = in_order(preview(services, arguments.pull_request))
    subject = f"pull request #{arguments.pull_request}"
    return print_findings(findings, arguments.format, subject, lambda: _log(session, findings))


def _log(session: Session, findings: Sequence[Finding]) -> dict[str, Any]:
    from mergeline.commands.described import sarif_log

    return sarif_log(findings, session.root, session.work_tree)
