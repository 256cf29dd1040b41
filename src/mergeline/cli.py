"""The command line: it parses, calls one command, and is the only error boundary."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline import __version__
from mergeline.errors import ExitCode, MergelineError, ToolError

if TYPE_CHECKING:
    from collections.abc import Sequence

# A verb is a file in commands/; only the one that is asked for is imported.
COMMANDS = {
    "init": "lay out a new repository of models",
    "new": "make a model from a CSV or Parquet file",
    "doctor": "say what is missing on this machine and in this repository",
    "validate": "check specs against their schemas, each other and the policies",
    "plan": "say what a change means, what follows from it and who must approve",
    "fetch": "bring the data of a model to this machine, and hand them on by digest",
    "run": "train and evaluate a model from its specs",
    "report": "write the HTML page and the comment of a model's last run",
    "comment": "put the one comment on a pull request",
    "check": "judge a pull request by the policies of its base branch",
    "promote": "open the pull request that moves a release to an environment",
    "rollback": "open the pull request that brings the last verified release back",
    "hold": "open the pull request that stops promotions into an environment",
    "apply": "make releases, registry and environments what the default branch says",
    "release": "do one part of a release, for a job of its own: fetch, train, evaluate",
    "drift": "say where the registry is not what Git wants, and heal or adopt it if asked",
    "status": "compare what Git wants with what the registry has",
    "audit": "say who let which release into which environment, when, made of what",
    "lineage": "say what a release was made of and where it went, or whom a dataset reached",
    "card": "write the model card of a release, from its specs and its evidence",
    "reproduce": "train a released version again, and say whether it is the same",
    "verify": "say who signed a release, and whether the signature holds",
    "key": "make a key that signs releases, and say how the policies trust it",
    "env": "compare this environment with lockfile and record, or render it as a Dockerfile",
    "features": "write the features of models as a feature repository of Feast's",
    "workflows": "write the GitHub Actions workflows, or check them",
    "policy": "list the policies, test them, or measure them",
    "explain": "say what a rule means and how to mend what it finds",
    "schema": "print the JSON Schema of a kind of spec, or write all of them",
    "completion": "print what makes a shell complete commands and options",
}
_COMPLETION = "completion"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `mergeline` command and return its exit code."""
    from mergeline.report.streams import standard_streams

    with standard_streams() as output:
        try:
            code = _answer(list(sys.argv[1:] if argv is None else argv))
        except SystemExit as ended:
            # argparse has printed its help, or what is wrong with the call.
            if output is None or not output.failure:
                raise
            code = int(ended.code or 0)
        if output is not None and output.failure:
            print(f"error: the answer cannot be written: {output.failure}", file=sys.stderr)
            code = code or ExitCode.TOOL
    return int(code)


def _answer(argv: list[str]) -> int:
    """Run the command; this is where every error ends."""
    try:
        return _run(argv)
    except MergelineError as error:
        return _report(error)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  the boundary: everything else is a bug of ours
        return _unforeseen(error)


def _run(argv: list[str]) -> int:
    name = next((word for word in _positional(argv)), None)
    parser = _parser(name)
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return int(ExitCode.USAGE)
    module = import_module(f"mergeline.commands.{arguments.command}")
    try:
        return int(module.execute(arguments))
    except SystemExit:
        # Code of a model can ask for the end of the process; that is not an answer.
        raise ToolError("the command was ended by code that it ran") from None


def _positional(argv: list[str]) -> list[str]:
    """Return the words that are neither an option nor the directory of -C."""
    words = []
    skip = False
    for word in argv:
        if skip or word.startswith("-"):
            skip = word in ("-C", "--directory")
        else:
            words.append(word)
    return words


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mergeline",
        description="The merge is the only way to production.",
        epilog="Exit codes: 0 yes, 1 no, 2 usage, 3 a tool errored, 70 a bug, 130 interrupted.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mergeline {__version__}")
    parser.add_argument(
        "-C",
        "--directory",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="act on the repository in DIR instead of the current directory",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=_sentence(summary), allow_abbrev=False
        )
        if chosen in (name, _COMPLETION):
            import_module(f"mergeline.commands.{name}").add_arguments(command)
    if chosen == _COMPLETION:
        # The only command that is about all the others.
        parser.set_defaults(whole_parser=parser)
    return parser


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


def _report(error: MergelineError) -> int:
    from mergeline.report.text import error_text

    print(error_text(error), file=sys.stderr)
    return error.exit_code


def _unforeseen(error: Exception) -> int:
    from mergeline.libraries import missing_library
    from mergeline.system_library import missing_shared_library

    missing = (
        missing_library(error, "this command")
        if isinstance(error, ImportError)
        else missing_shared_library(error)
    )
    if missing:
        return _report(missing)
    if os.environ.get("MERGELINE_DEBUG"):
        raise error
    if isinstance(error, OSError):
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        hint = "MERGELINE_DEBUG=1 shows where"
        return _report(ToolError(what or type(error).__name__, hint=hint))
    # On one line: runners of workflows take lines of a log for commands.
    said = " ".join(f"{type(error).__name__}: {error}".split())
    print(
        f"error[bug]: {said}\n"
        "  = help: this is a bug of Mergeline's; please report it with the output of the same\n"
        "          command under MERGELINE_DEBUG=1",
        file=sys.stderr,
    )
    return ExitCode.BUG


if __name__ == "__main__":
    sys.exit(main())
