"""`mergeline status`: what Git wants of each environment, and what the registry has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, ToolError
from mergeline.report.text import error_text, findings_text, progress, say, table_text
from mergeline.specs.check import check

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from mergeline.findings import Finding
    from mergeline.promotion.status import Pin, Status
    from mergeline.registry.facts import RegisteredVersion

_SYNC = {"synced": "synced", "out_of_sync": "OUT OF SYNC", "unknown": "unknown"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_models(parser)
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Print the table; 1 if something is out of sync or left open, 3 if nothing answers."""
    from mergeline.promotion.emergency import Emergencies
    from mergeline.promotion.services import ENVIRONMENTS
    from mergeline.promotion.status import status_of, unreadable

    session = Session(arguments)
    tree = session.git.tree(session.desired_ref)
    repository, findings = check(tree, only=set(arguments.models) or None)
    error = None
    rows: list[Status] = []
    emergencies: list[Finding] = []
    followed = Emergencies(session.git, session.desired_ref, lambda: session.forge)
    for name in repository.names:
        aliases: Mapping[str, RegisteredVersion] | None = None
        try:
            aliases = None if error else session.registry.aliases(name)
        except ToolError as caught:
            error = caught
        model = repository.models.get(name)
        rows += status_of(model, aliases) if model else unreadable(name, aliases)
        if model and aliases and not error:
            try:
                for environment in ENVIRONMENTS:
                    emergencies += followed.open(model, environment, aliases.get(environment))
            except ToolError as caught:
                error = caught
    _print(rows, arguments.format)
    told = [*(findings if repository.broken else ()), *emergencies]
    if told:
        progress(findings_text(told))
    if error is not None:
        progress(error_text(error))
        return int(ExitCode.TOOL)
    wrong = emergencies or any(row.sync != "synced" for row in rows)
    return int(ExitCode.NO if wrong else ExitCode.YES)


def _print(rows: list[Status], form: str) -> None:
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text([row.as_json() for row in rows]))
        return
    header = ("MODEL", "ENVIRONMENT", "DESIRED", "ACTUAL", "SYNC", "HEALTH")
    shown = [
        (
            row.model,
            row.environment,
            _pin(row.desired),
            _pin(row.actual),
            _SYNC[row.sync],
            row.health,
        )
        for row in rows
    ]
    say(table_text(header, shown))


def _pin(pin: Pin | None) -> str:
    if pin is None:
        return "-"
    digest = (pin.digest or "no digest").removeprefix("sha256:")[:12]
    return f"{pin.version or 'no version'} ({digest})"
