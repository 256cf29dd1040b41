"""`mergeline doctor`: say what is missing on this machine and in this repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import ExitCode
from mergeline.report.text import printable, say

if TYPE_CHECKING:
    import argparse

    from mergeline.doctor import Diagnosis
    from mergeline.findings import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Look at everything, and report; 1 if something is missing."""
    from mergeline.doctor import State, examine
    from mergeline.doctor.patient import Patient

    session = Session(arguments)
    patient = Patient(session.settings, lambda: session.git, lambda: _findings(session))
    found = []
    for diagnosis in examine(patient):
        found.append(diagnosis)
        if arguments.format == "text":
            _show(diagnosis)
    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text({"diagnoses": [diagnosis.as_json() for diagnosis in found]}))
    lacking = any(diagnosis.state is State.MISSING for diagnosis in found)
    return int(ExitCode.NO if lacking else ExitCode.YES)


def _show(diagnosis: Diagnosis) -> None:
    say(f"{diagnosis.state:8} {diagnosis.subject}: {printable(diagnosis.message)}")
    if diagnosis.mend:
        say(f"         = help: {printable(diagnosis.mend)}")


def _findings(session: Session) -> list[Finding]:
    """Return what `mergeline validate` says, from the verdicts that it kept if they hold."""
    from mergeline.commands.validation import validate
    from mergeline.commands.waived import waived

    findings, _ = validate(session, session.work_tree, (), cached=True)
    return waived(session, session.work_tree, (), findings)
