"""`mergeline doctor`: say what is missing on this machine and in this repository."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import ExitCode
from mergeline.report.text import printable, say

if TYPE_CHECKING:
    import argparse

    from mergeline.doctor import Diagnosis
    from mergeline.doctor.doors import House, Sight
    from mergeline.findings import Finding


_GUIDE = "https://github.com/mergeline/mergeline/blob/main/docs/github.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_format(parser, "text", "json")
    parser.add_argument(
        "--github",
        action="store_true",
        help="look at the repository's settings on GitHub: what lets someone round a pull request",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Look at everything, and report; 1 if something is missing, or a door not known closed."""
    session = Session(arguments)
    if arguments.github:
        return _doors(session, arguments.format)
    return _diagnoses(session, arguments.format)


def _diagnoses(session: Session, form: str) -> int:
    from mergeline.doctor import State, examine
    from mergeline.doctor.patient import Patient

    patient = Patient(session.settings, lambda: session.git, lambda: _findings(session))
    found = []
    for diagnosis in examine(patient):
        found.append(diagnosis)
        if form == "text":
            _show(diagnosis)
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text({"diagnoses": [diagnosis.as_json() for diagnosis in found]}))
    lacking = any(diagnosis.state is State.MISSING for diagnosis in found)
    return int(ExitCode.NO if lacking else ExitCode.YES)


def _doors(session: Session, form: str) -> int:
    from mergeline.doctor.doors import State, look_at

    found = []
    for sight in look_at(_house(session)):
        found.append(sight)
        if form == "text":
            _show_door(sight)
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text({"doors": [sight.as_json() for sight in found]}))
    counts = Counter(sight.state for sight in found)
    closed = counts[State.OK] == len(found)
    if form == "text" and not closed:
        say(f"{counts[State.OPEN]} open, {counts[State.UNKNOWN]} unknown, {counts[State.OK]} ok")
        say(f"         = help: all settings, and ruleset.json: {_GUIDE}")
    return int(ExitCode.YES if closed else ExitCode.NO)


def _house(session: Session) -> House:
    from mergeline.doctor.doors import House
    from mergeline.doctor.doors.secret_age import secret_max_age
    from mergeline.plan.approvals import load_tunables
    from mergeline.specs.repository import load_repository
    from mergeline.workflows import CODEOWNERS, Outcome, compare, find_templates, render, values_of
    from mergeline.workflows.uses import uses_of

    tunables = load_tunables(session.work_tree)
    values, _ = values_of(load_repository(session.work_tree), tunables)
    rendered = render(find_templates(session.root), values)
    outcomes = {change.path: change.outcome for change in compare(session.root, rendered)}
    return House(
        session.forge,
        uses_of(rendered),
        rendered.get(CODEOWNERS, ""),
        outcomes.get(CODEOWNERS) is not Outcome.UNCHANGED,
        secret_max_age(tunables),
        session.clock(),
    )


def _show_door(sight: Sight) -> None:
    """Say how a door is and, unless it is closed, what that lets happen and what closes it."""
    shown = sight.as_json()
    say(f"{shown['state']:8} {shown['id']}: {printable(sight.message)}")
    for word in ("lets", "setting", "command", "needs"):
        if shown[word] is not None:
            say(f"         = {word}: {shown[word]}")


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
