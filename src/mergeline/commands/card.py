"""`mergeline card`: the model card of a release, from its specs and its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, ToolError, UsageError
from mergeline.findings import has_errors, in_order
from mergeline.report.text import error_text, findings_text, printable, progress, say

if TYPE_CHECKING:
    import argparse

    from mergeline.audit.card import Card
    from mergeline.report.evidence import Evidence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "release",
        metavar="MODEL[@VERSION]",
        help="the release, e.g. churn@1.4.0; without a version the one that production is to have",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write it there instead of printing it"
    )
    parser.add_argument(
        "--offline", action="store_true", help="ask Git alone, not the registry (no evidence)"
    )
    add_format(parser, "markdown", "html", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Print the card; 1 if what it was made of contradicts itself.

    Raises:
        RefusedError: the release record cannot be read.
        ToolError: the clone lacks a commit.
        UsageError: there is no such release, or the file cannot be written.
    """
    from mergeline.audit.card import card_of

    model, version = _release(arguments.release)
    session = Session(arguments)
    registry, why_not = None, "--offline"
    if not arguments.offline:
        registry, why_not = session.registry, ""
        if session.registry.empty:
            registry, why_not = None, "nothing was ever written to the local registry"
    card = card_of(session.git, session.desired, model, version, registry, why_not)
    _give(_text(card, arguments.format), arguments)
    for told in dict.fromkeys((card.registry, card.evidence.status)):
        if told.startswith("not checked"):
            progress(f"registry {printable(told)}")
    if card.findings:
        progress(findings_text(in_order(card.findings)))
    return int(ExitCode.NO if has_errors(card.findings) else ExitCode.YES)


def _release(text: str) -> tuple[str, str | None]:
    from mergeline.audit.selector import parse_release

    return parse_release(text) if "@" in text else (parse_release(f"{text}@any")[0], None)


def _text(card: Card, form: str) -> str:
    if form == "json":
        from mergeline.report.json import json_text

        return json_text(card.as_json())
    evidence = _evidence(card)
    if form == "html":
        from mergeline.report.card.html import card_page

        return card_page(card, evidence)
    from mergeline.report.card.markdown import card_markdown

    return card_markdown(card, evidence)


def _evidence(card: Card) -> Evidence | None:
    if card.evidence.evaluation is None:
        return None
    from mergeline.report.evidence import evidence_in

    try:
        return evidence_in(card.evidence.evaluation, card.evidence.timings or {})
    except ToolError as error:
        # Of another version of Mergeline, perhaps; the record still says what was measured.
        progress(error_text(error))
        return None


def _give(text: str, arguments: argparse.Namespace) -> None:
    if arguments.output is None:
        say(text)
        return
    path = arguments.directory / arguments.output
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the card cannot be written: {error.filename}: {error.strerror}",
            hint="choose another file with --output FILE",
        ) from None
    progress(printable(str(path)))
