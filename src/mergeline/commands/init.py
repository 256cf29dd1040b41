"""`mergeline init`: lay out a new repository of models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ExitCode, ToolError, UsageError
from mergeline.report.text import say

if TYPE_CHECKING:
    import argparse

_SLUG = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,98}[A-Za-z0-9])?")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where (default: the current directory); made if it is not there",
    )
    parser.add_argument(
        "--organization",
        metavar="NAME",
        help="the organisation on the forge, whose teams own and approve",
    )
    parser.add_argument(
        "--platform-team", metavar="TEAM", help="the team that owns everything but the models"
    )
    parser.add_argument(
        "--branch", default="main", help="the name of the default branch (default: main)"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Write the files; refuse, writing none, if one would be overwritten."""
    from mergeline.scaffold.laying import lay

    root = (arguments.directory / (arguments.folder or Path())).resolve()
    files = _files(arguments)
    _make(root)
    from mergeline.git import create
    from mergeline.scaffold.layout import EXECUTABLE

    written = lay(root, files, EXECUTABLE)
    create(root, arguments.branch)
    say(f"wrote {len(written)} files into {root}")
    say(_next(root, named=bool(arguments.organization)))
    return int(ExitCode.YES)


def _files(arguments: argparse.Namespace) -> dict[str, bytes]:
    from mergeline.scaffold.layout import Organization, layout
    from mergeline.workflows import Templates, Values, render

    for flag, form in (("organization", _SLUG), ("platform_team", _SLUG), ("branch", _BRANCH)):
        given = getattr(arguments, flag)
        if given is not None and not form.fullmatch(given):
            raise UsageError(f'"{given}" cannot be --{flag.replace("_", "-")}')
    organization = Organization(arguments.organization, arguments.platform_team, arguments.branch)
    files = layout(organization)
    templates = Templates(
        {
            path.rpartition("/")[2]: content.decode()
            for path, content in files.items()
            if path.endswith(".j2")
        }
    )
    rendered = render(templates, Values({}, {}, asks_teams=organization.has_teams))
    return files | {path: text.encode() for path, text in rendered.items()}


def _make(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"{root} cannot be made: {error.strerror}") from None


def _next(root: Path, *, named: bool) -> str:
    steps = [
        f"cd {root}",
        "mergeline new NAME --template classification --data rows.csv --target COLUMN --owner TEAM",
        "mergeline workflows && git add --all && git commit",
        "mergeline doctor",
    ]
    if not named:
        steps.insert(1, "set organisation and teams at the top of pipelines/workflows/shared.j2")
    return "next:\n" + "\n".join(f"  {step}" for step in steps)
