"""`mergeline status`: what Git wants of each environment, and what the registry has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_models
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, ToolError, UsageError
from mergeline.findings import has_errors
from mergeline.report.text import error_text, findings_text, progress, say, table_text
from mergeline.specs.check import check

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from mergeline.findings import Finding
    from mergeline.promotion.status import Pin, Status
    from mergeline.promotion.verifying import Verified, Verifier
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import Repository

_SYNC = {"synced": "synced", "out_of_sync": "OUT OF SYNC", "unknown": "unknown"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_models(parser)
    parser.add_argument(
        "--verify",
        action="store_true",
        help="compare every released version with the registry too: each field, and the bytes",
    )
    parser.add_argument(
        "--no-artifacts",
        action="store_true",
        help="with --verify: fetch no models, compare fields alone",
    )
    parser.add_argument(
        "--offline", action="store_true", help="ask Git alone, not the registry (what is desired)"
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Print the table; 1 if something is out of sync or left open, 3 if nothing answers.

    Raises:
        UsageError: `--no-artifacts` without `--verify`, or `--offline` with it.
    """
    from mergeline.promotion.emergency import Emergencies
    from mergeline.promotion.services import ENVIRONMENTS

    _check_options(arguments)
    session = Session(arguments)
    tree = session.git.tree(session.desired)
    repository, findings = check(tree, only=set(arguments.models) or None)
    if arguments.offline:
        return _desired(repository, findings, arguments.format)
    error = None
    rows: list[Status] = []
    verified: list[Verified] = []
    verifier = _verifier(session, artifacts=not arguments.no_artifacts)
    emergencies: list[Finding] = []
    followed = Emergencies(session.git, session.desired, lambda: session.forge)
    for name in repository.names:
        aliases: Mapping[str, RegisteredVersion] | None = None
        try:
            aliases = None if error else session.registry.aliases(name)
        except ToolError as caught:
            error = caught
        rows += _rows(repository, name, aliases)
        model = repository.models.get(name)
        if model and aliases is not None and not error:
            try:
                for environment in ENVIRONMENTS if aliases else ():
                    emergencies += followed.open(model, environment, aliases.get(environment))
                verified += verifier.verify(model) if arguments.verify else ()
            except ToolError as caught:
                error = caught
    _print(rows, verified if arguments.verify else None, arguments.format)
    lacking = [finding for row in verified for finding in row.findings]
    told = [*(findings if repository.broken else ()), *emergencies, *lacking]
    if told:
        progress(findings_text(told))
    if error is not None:
        progress(error_text(error))
        return int(ExitCode.TOOL)
    wrong = emergencies or has_errors(lacking) or any(row.sync != "synced" for row in rows)
    return int(ExitCode.NO if wrong else ExitCode.YES)


def _check_options(arguments: argparse.Namespace) -> None:
    if arguments.no_artifacts and not arguments.verify:
        raise UsageError("--no-artifacts says what --verify leaves out", hint="add --verify")
    if arguments.offline and arguments.verify:
        raise UsageError("--verify asks the registry, --offline does not", hint="drop one of them")


def _desired(repository: Repository, findings: list[Finding], form: str) -> int:
    """Print what Git wants; 1 if that is not known of a model."""
    _print([row for name in repository.names for row in _rows(repository, name, None)], None, form)
    if repository.broken:
        progress(findings_text(findings))
    progress("the registry was not asked: --offline")
    return int(ExitCode.NO if repository.broken else ExitCode.YES)


def _rows(
    repository: Repository, name: str, aliases: Mapping[str, RegisteredVersion] | None
) -> list[Status]:
    from mergeline.promotion.status import status_of, unreadable

    model = repository.models.get(name)
    return status_of(model, aliases) if model else unreadable(name, aliases)


def _verifier(session: Session, *, artifacts: bool) -> Verifier:
    from mergeline.pipeline.packaging import package_digest
    from mergeline.promotion.artifacts import Artifacts
    from mergeline.promotion.verifying import Verifier

    fetched = Artifacts(session.registry, package_digest).findings
    return Verifier(session.git, session.desired, session.registry, fetched if artifacts else None)


def _print(rows: list[Status], verified: list[Verified] | None, form: str) -> None:
    if form == "json":
        from mergeline.report.json import json_text

        table = [row.as_json() for row in rows]
        whole = {"environments": table, "versions": [row.as_json() for row in verified or ()]}
        say(json_text(table if verified is None else whole))
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
    if verified is not None:
        from mergeline.report.verified import verified_text

        say("")
        say(verified_text(verified))


def _pin(pin: Pin | None) -> str:
    if pin is None:
        return "-"
    digest = (pin.digest or "no digest").removeprefix("sha256:")[:12]
    return f"{pin.version or 'no version'} ({digest})"
