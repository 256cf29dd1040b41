"""`mergeline completion`: print what makes a shell complete commands and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import ExitCode
from mergeline.report.text import say

if TYPE_CHECKING:
    import argparse

SHELLS = ("bash", "zsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "shell", choices=SHELLS, metavar="SHELL", help=f"the shell: {' or '.join(SHELLS)}"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Print the script; the command line hands over its whole parser."""
    import shtab

    say(shtab.complete(arguments.whole_parser, shell=arguments.shell))
    return int(ExitCode.YES)
