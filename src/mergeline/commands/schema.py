"""`mergeline schema`: the JSON Schema of a kind of spec, for editors and other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ExitCode, UsageError
from mergeline.report.text import say
from mergeline.specs.kinds import ALL_KINDS, Kind
from mergeline.specs.schemas import schema_file, schema_text

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "kind",
        nargs="?",
        metavar="KIND",
        help=f"the kind: {', '.join(kind.name for kind in ALL_KINDS)}",
    )
    parser.add_argument("--all", action="store_true", help="the schemas of all kinds")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="write KIND.schema.json into DIR instead"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Print a schema, or write it or all of them into a folder.

    Raises:
        UsageError: there is no such kind, or it is not said which.
        ToolError: a file cannot be written.
    """
    kinds = _kinds(arguments)
    if arguments.output is None:
        say(schema_text(kinds[0]).rstrip("\n"))
        return int(ExitCode.YES)
    from mergeline.scaffold.laying import write

    folder = arguments.directory / arguments.output
    for kind in kinds:
        write(folder / schema_file(kind), schema_text(kind).encode())
    say(f"wrote {len(kinds)} schema{'s' * (len(kinds) != 1)} into {arguments.output}")
    return int(ExitCode.YES)


def _kinds(arguments: argparse.Namespace) -> list[Kind]:
    if bool(arguments.kind) == arguments.all:
        raise UsageError("name a KIND, or --all of them", hint="mergeline schema Model")
    if arguments.all and arguments.output is None:
        raise UsageError("--all schemas need a folder", hint="add --output DIR")
    chosen = [kind for kind in ALL_KINDS if arguments.all or kind.name == arguments.kind]
    if not chosen:
        from mergeline.specs.suggestion import did_you_mean

        known = [kind.name for kind in ALL_KINDS]
        raise UsageError(
            f'there is no kind "{arguments.kind}"', hint=did_you_mean(arguments.kind, known)
        )
    return chosen
