"""`mergeline report`: the page, the comment's section and the result of a model's last run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.session import Session
from mergeline.errors import ExitCode, UsageError
from mergeline.report.text import printable, say

if TYPE_CHECKING:
    import argparse

    from mergeline.pipeline.result import RunResult
    from mergeline.report.html import About


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="where the folder MODEL goes (default: .mergeline/reports)",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Write the report and print the paths of its files.

    Raises:
        UsageError: there is no such model, no result yet, or the folder cannot be written.
        ToolError: the result cannot be read.
    """
    from mergeline.report.files import REPORTS, write_report

    session = Session(arguments)
    result = _result(session, arguments.model)
    about = _about(session, result)
    given = arguments.output
    folder = arguments.directory / given if given else session.settings.state / REPORTS
    try:
        paths = write_report(result, about, folder / result.model)
    except OSError as error:
        raise UsageError(
            f"the report cannot be written: {error.filename}: {error.strerror}",
            hint="choose another folder with --output DIR",
        ) from None
    for path in paths:
        say(printable(str(_shown(path))))
    return int(ExitCode.YES)


def _result(session: Session, name: str) -> RunResult:
    from mergeline.pipeline.result import RESULT, read_result
    from mergeline.specs.conformance import did_you_mean
    from mergeline.specs.repository import model_names

    names = model_names(session.work_tree)
    if name not in names:
        hint = did_you_mean(name, names) or "see the folders in models/"
        raise UsageError(f'there is no model "{name}"', hint=hint)
    folder = session.settings.state / "runs" / name
    if not (folder / RESULT).is_file():
        raise UsageError(f"{name} has not been run here yet", hint=f"mergeline run {name}")
    return read_result(folder)


def _about(session: Session, result: RunResult) -> About:
    from mergeline.report.html import About
    from mergeline.specs.repository import load_repository

    model = load_repository(session.work_tree, {result.model}).models.get(result.model)
    stale = _stale(session, result)
    if model is None:
        return About(stale=stale)
    links = {"documentation": model.model.links.documentation}
    links |= {"runbook": model.model.links.runbook, "dashboard": model.model.links.dashboard}
    return About(
        owner=model.model.owner,
        description=model.model.description,
        links=tuple((key, str(url)) for key, url in links.items() if _is_web(url)),
        stale=stale,
    )


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://"))


def _stale(session: Session, result: RunResult) -> str | None:
    """Return why the result is not of the specs as they are, as far as Git can tell."""
    if result.commit is None:
        return None
    try:
        git, folder = session.git, f"models/{result.model}/"
        if not git.exists(result.commit):
            return "its commit is not in this clone"
        paths = [
            *git.changed_paths(result.commit, "HEAD"),
            *(git.changes() if result.clean else ()),
        ]
    except UsageError:
        return None
    changed = any(path.strip('"').startswith(folder) for path in paths)
    return f"files in {folder} have changed since" if changed else None


def _shown(path: Path) -> Path:
    """Return a path that can be opened from here."""
    whole, here = path.resolve(), Path.cwd()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole
