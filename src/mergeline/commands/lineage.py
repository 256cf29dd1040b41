"""`mergeline lineage`: what a release was made of and where it went, or whom a source reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, UsageError
from mergeline.findings import has_errors, in_order
from mergeline.report.text import error_text, findings_text, progress, say

if TYPE_CHECKING:
    import argparse

    from mergeline.audit.lineage import Lineage


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "release", nargs="?", metavar="MODEL@VERSION", help="the release, e.g. churn@1.4.0"
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="SOURCE",
        help="every release made of dataset:NAME[@DIGEST] or feature:NAME[@VERSION]",
    )
    parser.add_argument(
        "--offline", action="store_true", help="ask Git alone, not the registry (no approvals)"
    )
    add_format(parser, "text", "json", "mermaid", "openlineage")


def execute(arguments: argparse.Namespace) -> int:
    """Print the graph; 1 if what it was read from contradicts itself."""
    if (arguments.release is None) == (arguments.source is None):
        raise UsageError(
            "say one: a release, or --from a source",
            hint="mergeline lineage churn@1.4.0, or mergeline lineage --from dataset:customers",
        )
    found = _found(arguments)
    _print(found, arguments.format)
    if found.findings:
        progress(findings_text(in_order(found.findings)))
    return int(ExitCode.NO if has_errors(found.findings) else ExitCode.YES)


def _found(arguments: argparse.Namespace) -> Lineage:
    from mergeline.audit.lineage import lineage_of, reached_from
    from mergeline.audit.selector import parse_release, parse_source

    if arguments.source:
        source = parse_source(arguments.source)
        session = Session(arguments)
        return reached_from(session.git, session.desired, source)
    model, version = parse_release(arguments.release)
    session = Session(arguments)
    lookup = None if arguments.offline or session.registry.empty else session.registry.find
    found = lineage_of(session.git, session.desired, model, version, lookup)
    if found.error:
        progress(error_text(found.error))
    return found


def _print(found: Lineage, form: str) -> None:
    if form == "json":
        from mergeline.report.json import json_text

        findings = [finding.as_json() for finding in found.findings]
        say(json_text({**found.graph.as_json(), "findings": findings}))
    elif form == "openlineage":
        from mergeline.report.openlineage import events_text

        say(events_text(found.graph))
    else:
        from mergeline.report.lineage import lineage_mermaid, lineage_text

        say((lineage_mermaid if form == "mermaid" else lineage_text)(found.graph))
