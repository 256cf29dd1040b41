"""`mergeline validate`: specs against their schemas, each other and the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models, print_findings
from mergeline.commands.session import Session
from mergeline.findings import in_order
from mergeline.specs.check import check

if TYPE_CHECKING:
    import argparse

    from mergeline.findings import Finding
    from mergeline.specs.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_models(parser)
    add_format(parser, "text", "json", "github")
    parser.add_argument(
        "--policies-from",
        metavar="REF",
        help="take the policies from a commit, so that a change cannot relax its own judge",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Validate and report; 1 if there is an error among the findings."""
    session = Session(arguments)
    repository, findings = check(session.work_tree, only=set(arguments.models) or None)
    findings = in_order([*findings, *_judged(session, repository, arguments.policies_from)])
    return print_findings(findings, arguments.format, _verdict(repository))


def _judged(session: Session, repository: Repository, ref: str | None) -> list[Finding]:
    from mergeline.promotion.judgement import judge_model

    engine = session.policies(session.git.tree(ref) if ref else session.work_tree)
    return [
        finding
        for model in repository.models.values()
        for finding in judge_model(engine, model, repository)
    ]


def _verdict(repository: Repository) -> str:
    count = len(repository.names)
    return f"{count} model{'s' * (count != 1)} checked"
