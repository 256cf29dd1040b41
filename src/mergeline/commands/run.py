"""`mergeline run`: train and evaluate a model from its specs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, print_findings
from mergeline.commands.session import Session
from mergeline.errors import ExitCode
from mergeline.findings import has_errors
from mergeline.report.text import findings_text, progress, say
from mergeline.specs.check import check
from mergeline.specs.tracked import check_tracked

if TYPE_CHECKING:
    import argparse

    from mergeline.pipeline.result import RunResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    data = parser.add_mutually_exclusive_group()
    data.add_argument(
        "--fetched", action="store_true", help="read data that were fetched, and ask no source"
    )
    data.add_argument(
        "--from",
        dest="handed_on",
        type=Path,
        metavar="FOLDER",
        help="read data that mergeline fetch --to wrote there, and ask no source",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Run the pipeline; 1 if a check or a gate says no."""
    from mergeline.commands.training import data_in, train

    session = Session(arguments)
    repository, findings = check(session.work_tree, only={arguments.model})
    findings += check_tracked(session.work_tree, session.tracked)
    if has_errors(findings):
        return print_findings(findings, arguments.format, f"{arguments.model} was not run")
    handed_on = arguments.handed_on and arguments.directory / arguments.handed_on
    with ExitStack() as stack:
        data = handed_on and stack.enter_context(data_in(session, handed_on))
        result = train(
            session,
            repository,
            arguments.model,
            root=session.root,
            say=progress,
            handed_on=data or handed_on,
            fetched_only=arguments.fetched,
        )
    _print(result, arguments.format)
    return int(ExitCode.YES if result.passed else ExitCode.NO)


def _print(result: RunResult, form: str) -> None:
    if form == "json":
        import msgspec

        from mergeline.report.json import json_text

        say(json_text(msgspec.to_builtins(result)))
        return
    from mergeline.report.run import run_text

    findings = [issue.as_finding() for issue in result.findings]
    if findings:
        say(findings_text(findings) + "\n")
    say(run_text(result))
