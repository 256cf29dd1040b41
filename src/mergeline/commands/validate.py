"""`mergeline validate`: specs against their schemas, each other and the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.commands.options import add_format, add_models, print_findings
from mergeline.commands.session import Session
from mergeline.commands.validation import validate
from mergeline.commands.waived import waived

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mergeline.findings import Finding
    from mergeline.specs.tree import Tree


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_models(parser)
    add_format(parser, "text", "json", "github", "sarif")
    parser.add_argument(
        "--policies-from",
        metavar="REF",
        help="take the policies from a commit, so that a change cannot relax its own judge",
    )
    parser.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        help="check every model, those too that have not changed since the last time",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Validate and report; 1 if there is an error among the findings."""
    session = Session(arguments)
    ref = arguments.policies_from
    policies = session.git.tree(ref) if ref else session.work_tree
    only = set(arguments.models)
    findings, count = validate(session, policies, only, cached=arguments.cache)
    findings = waived(session, policies, only, findings)
    return print_findings(
        findings, arguments.format, _verdict(count), lambda: _log(session, findings, policies)
    )


def _log(session: Session, findings: Sequence[Finding], policies: Tree) -> dict[str, Any]:
    from mergeline.commands.described import sarif_log

    return sarif_log(findings, session.root, policies)


def _verdict(count: int) -> str:
    return f"{count} model{'s' * (count != 1)} checked"
