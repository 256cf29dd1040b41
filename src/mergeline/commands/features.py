"""`mergeline features`: the features of models, for those who serve them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_verbs
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, RefusedError, UsageError
from mergeline.findings import Severity
from mergeline.report.text import printable, say

if TYPE_CHECKING:
    import argparse

    from mergeline.findings import Finding
    from mergeline.report.feast import FeastRepository, Snapshot
    from mergeline.specs.repository import ModelFolder

_VERBS = {"export": "write them as a feature repository"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb and the options of the command."""
    add_verbs(parser, _VERBS)
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        dest="models",
        metavar="MODEL",
        help="a model to export; may be given again (default: all)",
    )
    parser.add_argument(
        "--format",
        choices=("feast",),
        default="feast",
        help="whose feature repository (default: feast)",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where it goes")
    parser.add_argument(
        "--data",
        action="store_true",
        help="write the rows too, of each dataset as the last run here read it",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Write the feature repository, and say what it cannot say.

    Raises:
        UsageError: there is no such model, or the folder cannot be written.
        RefusedError: specs do not conform, names are taken, or there are no rows to write.
    """
    from mergeline.report.feast import feast_repository

    session = Session(arguments)
    everyone = _models(session, arguments.models)
    chosen = [everyone[name] for name in sorted(arguments.models or everyone)]
    if not chosen:
        raise UsageError("there is no model", hint="mergeline new NAME makes one")
    made = feast_repository(chosen, everyone)
    folder = arguments.directory / arguments.output
    rows = _rows(session, made.snapshots) if arguments.data else {}
    try:
        paths = [*_write(folder, made), *_write_rows(folder, made.snapshots, rows)]
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be written: {error.strerror}",
            hint="choose another folder with --output DIR",
        ) from None
    for path in paths:
        say(printable(f"wrote {arguments.output / path}"))
    for note in made.notes:
        say(printable(f"note: {note}"))
    if not arguments.data:
        say("note: the rows are left out; --data writes them, as the last runs here read them")
    return int(ExitCode.YES)


def _models(session: Session, names: list[str]) -> dict[str, ModelFolder]:
    """Return all models; those asked for, and those that conform."""
    from mergeline.specs.check import require_models
    from mergeline.specs.references import check_references
    from mergeline.specs.repository import load_repository

    repository = load_repository(session.work_tree)
    require_models(session.work_tree, set(names) - set(repository.names))
    wanted = set(names or repository.names)
    wrong = {
        _model_of(one) for one in check_references(repository, session.work_tree) if _is_error(one)
    }
    broken = sorted((repository.broken | wrong) & wanted)
    if broken:
        raise RefusedError(
            f"the specs of {', '.join(broken)} are not valid",
            hint=f"mergeline validate {' '.join(broken)}",
        )
    return dict(repository.models)


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _model_of(finding: Finding) -> str:
    return f"{finding.location.file}/".split("/")[1]


def _write(folder: Path, made: FeastRepository) -> list[str]:
    """Write the files; settings that are there stay as they are."""
    from mergeline.report.feast import MARK, STORE

    written = []
    for path, content in sorted(made.files.items()):
        target = folder / path
        there = target.read_bytes() if target.is_file() else None
        if there is not None and path == STORE:
            continue
        if there is not None and not there.startswith(MARK.encode()):
            raise RefusedError(
                f"{target} was not written by this command",
                hint="choose another folder with --output DIR",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        written.append(path)
    return written


def _rows(session: Session, snapshots: list[Snapshot]) -> dict[str, Path]:
    """Return the rows of datasets as runs here read them, by the name of the export's file."""
    from mergeline.pipeline.retention import expire

    expire(session.settings.state, session.clock())
    found = {}
    for one in snapshots:
        paths = (_read(session, name, one.dataset.digest) for name in one.models)
        path = next((path for path in paths if path is not None), None)
        if path is None:
            raise RefusedError(
                f"no run here has read the dataset {one.dataset.name} that data.yaml says",
                hint=f"mergeline run {one.models[0]}",
            )
        found[one.path] = path
    return found


def _read(session: Session, name: str, digest: str) -> Path | None:
    """Return what the last run of a model read, if it is there and what is asked for."""
    from mergeline.pipeline.result import RESULT, read_result

    folder = session.settings.state / "runs" / name
    result = read_result(folder) if (folder / RESULT).is_file() else None
    if result is None or result.digests.get("dataset") != digest or "data" not in result.paths:
        return None
    path = session.root / result.paths["data"] / "data.parquet"
    return path if path.is_file() else None


def _write_rows(folder: Path, snapshots: list[Snapshot], rows: dict[str, Path]) -> list[str]:
    from mergeline.pipeline.feast_snapshot import Rows, write_snapshots

    if rows:
        write_snapshots(
            Rows(
                data=rows[one.path],
                target=(folder / one.path).resolve(),
                columns=tuple(one.columns),
                number=None if one.keys else one.number,
                time=one.time,
                timestamp=one.timestamp,
            )
            for one in snapshots
        )
    return sorted(rows)
