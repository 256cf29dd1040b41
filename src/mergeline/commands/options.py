"""Options that several commands share, and how their findings are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.errors import ExitCode
from mergeline.findings import has_errors
from mergeline.report.text import count_text, findings_text, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from mergeline.findings import Finding


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Add `--format`; the first format is the default."""
    parser.add_argument(
        "--format",
        choices=formats,
        default=formats[0],
        help=f"how to print the answer (default: {formats[0]})",
    )


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add `[MODEL…]`; none means all."""
    parser.add_argument(
        "models", nargs="*", metavar="MODEL", help="the models to look at (default: all)"
    )


def add_verbs(parser: argparse.ArgumentParser, verbs: Mapping[str, str]) -> None:
    """Add the verb of a command that has several, each with what it does."""
    parser.add_argument(
        "verb",
        choices=tuple(verbs),
        metavar="VERB",
        help="; ".join(f"{verb}: {summary}" for verb, summary in verbs.items()),
    )


def add_environment(parser: argparse.ArgumentParser, option: str) -> None:
    """Add the option that names an environment."""
    parser.add_argument(
        option,
        required=True,
        choices=("staging", "production"),
        metavar="ENV",
        help="the environment: staging or production",
    )


def print_findings(
    findings: Sequence[Finding],
    form: str,
    subject: str,
    sarif: Callable[[], dict[str, Any]] | None = None,
) -> int:
    """Print findings in a format and return the exit code that they ask for.

    Args:
        findings: what was found, in order.
        form: how to print it.
        subject: what was looked at, in words.
        sarif: makes the log of the format `sarif`; without it there is no such format.
    """
    if form == "sarif" and sarif is not None:
        from mergeline.report.json import json_text

        say(json_text(sarif()))
    elif form == "json":
        from mergeline.report.json import findings_json, json_text

        say(json_text(findings_json(findings)))
    elif form == "github":
        from mergeline.report.github import annotations_text

        if findings:
            say(annotations_text(findings))
        say(f"{subject}: {count_text(findings)}")
    else:
        if findings:
            say(findings_text(findings) + "\n")
        say(f"{subject}: {count_text(findings)}")
    return int(ExitCode.NO if has_errors(findings) else ExitCode.YES)
