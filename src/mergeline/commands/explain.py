"""`mergeline explain`: what a rule means, how to mend what it finds, a bad and a good example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import ExitCode
from mergeline.report.text import say

if TYPE_CHECKING:
    import argparse

    from mergeline.specs.rule import Rule


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "rule", nargs="?", metavar="RULE", help="the id of a rule (default: list all of them)"
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Explain a rule of the engine or of the repository's policies, or list them all.

    Raises:
        UsageError: there is no such rule.
    """
    from mergeline.commands.described import described_rules
    from mergeline.report.explained import explained_text, listed_text

    rules = described_rules(Session(arguments).work_tree)
    chosen = _chosen(rules, arguments.rule) if arguments.rule else rules
    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text({"rules": [rule.as_json() for rule in chosen]}))
    elif arguments.rule:
        say(explained_text(chosen))
    else:
        say(listed_text(chosen))
    return int(ExitCode.YES)


def _chosen(rules: list[Rule], name: str) -> list[Rule]:
    chosen = [rule for rule in rules if rule.id == name]
    if not chosen:
        raise _unknown(name, [rule.id for rule in rules])
    return chosen


def _unknown(name: str, known: list[str]) -> Exception:
    from difflib import get_close_matches

    from mergeline.errors import UsageError

    near = get_close_matches(name, known, n=3, cutoff=0.6)
    nearest = " or ".join(f'"{one}"' for one in dict.fromkeys(near))
    hint = f"did you mean {nearest}?" if near else "mergeline explain lists all rules"
    return UsageError(f'there is no rule "{name}"', hint=hint)
