"""`mergeline workflows`: write the generated files of `.github/`, or check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import ExitCode
from mergeline.findings import has_errors, in_order
from mergeline.plan.approvals import load_tunables
from mergeline.report.text import count_text, findings_text, say
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.workflows import Outcome, compare, find_templates, findings_of, render, values_of
from mergeline.workflows import write as write_files

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mergeline.findings import Finding
    from mergeline.workflows import Change

_VERBS = {
    Outcome.UNCHANGED: "unchanged",
    Outcome.MISSING: "wrote",
    Outcome.STALE: "wrote",
    Outcome.ORPHANED: "removed",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is stale or missing"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Render the files, then write or compare them."""
    root = arguments.directory
    repository = load_repository(WorkingTree(root))
    values, unfit = values_of(repository, load_tunables(WorkingTree(root)))
    findings = [*repository.findings, *unfit]
    if has_errors(findings):
        return _refused(findings)
    changes = compare(root, render(find_templates(root), values))
    if arguments.check:
        return _checked(changes)
    write_files(root, changes)
    for change in changes:
        say(f"{_VERBS[change.outcome]:9}  {change.path}")
    return int(ExitCode.YES)


def _checked(changes: Sequence[Change]) -> int:
    findings = findings_of(changes)
    if findings:
        return _refused(findings)
    say(f"{len(changes)} generated files are what the templates and the specs say")
    return int(ExitCode.YES)


def _refused(findings: Sequence[Finding]) -> int:
    ordered = in_order(findings)
    say(findings_text(ordered))
    say("")
    say(count_text(ordered))
    return int(ExitCode.NO)
