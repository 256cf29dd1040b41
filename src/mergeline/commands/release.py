"""`mergeline release`: one part of a release, for a job of its own.

`apply --only release` does all of them. In workflows each is a job: the one that reads data has
nothing to write with, and the ones that run a model's code have no credential at all.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_verbs, print_findings
from mergeline.commands.services import services_of
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, RefusedError, UsageError
from mergeline.findings import has_errors
from mergeline.report.text import progress, say

if TYPE_CHECKING:
    import argparse

    from mergeline.pipeline.result import RunResult

VERBS = {
    "fetch": "bring what was merged, the champion and the data into a folder, by digest",
    "train": "train what was fetched",
    "evaluate": "evaluate and package what was trained",
}
# What each verb takes over, and the option with its digest.
_TAKES: dict[str, tuple[str, ...]] = {
    "fetch": (),
    "train": ("fetched",),
    "evaluate": ("fetched", "trained"),
}
_DIGESTS = {"fetched": "digest", "trained": "trained_digest"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_verbs(parser, VERBS)
    parser.add_argument("model", metavar="MODEL", help="the model")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="a new folder for what it gives"
    )
    parser.add_argument(
        "--fetched", type=Path, metavar="FOLDER", help="what release fetch gave; for the others"
    )
    parser.add_argument(
        "--trained", type=Path, metavar="FOLDER", help="what release train gave; for evaluate"
    )
    parser.add_argument("--digest", metavar="SHA256", help="of what was fetched, as fetch said it")
    parser.add_argument(
        "--trained-digest", metavar="SHA256", help="of what was trained, as train said it"
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Do it; 1 if the policies, a check or a gate says no."""
    session = Session(arguments)
    session.require_own_state()
    home = arguments.directory.resolve()
    _require_fit(arguments, home / arguments.to)
    if arguments.verb == "fetch":
        return _fetch(session, arguments, home / arguments.to)
    trained = arguments.trained and home / arguments.trained
    return _run(session, arguments, home / arguments.fetched, trained)


def _require_fit(arguments: argparse.Namespace, to: Path) -> None:
    """Refuse options of another verb, and a folder that holds something, before any work."""
    needed = _TAKES[arguments.verb]
    digests = tuple(_DIGESTS[name] for name in needed)
    missing = [name for name in needed if getattr(arguments, name) is None]
    others = {*_DIGESTS, *_DIGESTS.values()} - {*needed, *digests}
    if missing or any(getattr(arguments, name) is not None for name in others):
        takes = " and ".join(f"--{name}" for name in needed) or "no folder but --to"
        raise UsageError(f"release {arguments.verb} takes {takes}")
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise UsageError(f"{to} is not an empty folder", hint="name a folder that is new")


def _fetch(session: Session, arguments: argparse.Namespace, to: Path) -> int:
    from mergeline.commands.training import fetch_to, stage_of
    from mergeline.pipeline.champion import champion_of
    from mergeline.pipeline.fetched import Fetched, write_fetched
    from mergeline.pipeline.sealing import recipients_of
    from mergeline.promotion.release import cleared

    services = services_of(session)
    model = services.model_at(services.head, arguments.model)
    if model is None:
        raise UsageError(f"{services.default_branch} has no model {arguments.model} that conforms")
    source, findings = cleared(services, model)
    if has_errors(findings):
        return print_findings(findings, arguments.format, f"{arguments.model} was not fetched")
    champion = champion_of(model, services.registry)
    to.mkdir(parents=True, exist_ok=True)
    if champion is not None:
        shutil.copytree(champion.fetch(), to / "champion")
    recipients = recipients_of(services.judge_of(services.head).library.data)
    with services.git.checkout(source.commit) as root:
        stage = stage_of(session, root, model.name)
        fetch_to(session, stage, model, to / "data", recipients)
    digest = write_fetched(to, Fetched.of(model, source.commit, champion))
    _say(arguments.format, f"{model.name} {model.model.version} at {source.commit[:10]}", digest)
    return int(ExitCode.YES)


def _run(
    session: Session, arguments: argparse.Namespace, fetched: Path, trained: Path | None
) -> int:
    from mergeline.commands.training import data_in, stage_of
    from mergeline.pipeline.fetched import read_fetched
    from mergeline.pipeline.stage import TRAIN, run_apart

    found = read_fetched(fetched, arguments.digest)
    if found.model != arguments.model:
        raise RefusedError(f"what was fetched is of {found.model}")
    commit = session.git.resolve(found.commit)
    with session.git.checkout(commit) as root, data_in(session, fetched / "data") as handed_on:
        stage = stage_of(
            session,
            root,
            found.model,
            commit=commit,
            clean=True,
            fresh=True,
            steps=TRAIN if trained is None else None,
            trained=None if trained is None else str(trained),
            trained_digest=arguments.trained_digest,
            champion=found.rival(fetched),
            hand_over=str(arguments.directory.resolve() / arguments.to),
            fetched_only=True,
            handed_on=None if handed_on is None else str(handed_on),
        )
        result = run_apart(stage, progress, {})
    return _tell(result, arguments.format)


def _tell(result: RunResult, form: str) -> int:
    if not result.passed:
        findings = [issue.as_finding() for issue in result.findings]
        return print_findings(findings, form, f"{result.model} does not pass")
    _say(form, f"{result.model} {result.version}", str(result.handed_over))
    return int(ExitCode.YES)


def _say(form: str, what: str, digest: str) -> None:
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text({"digest": digest}))
    else:
        say(f"{what}: handed over with digest {digest}")
