"""`mergeline reproduce`: train a released version again, and see that it is the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.session import Session
from mergeline.errors import UsageError
from mergeline.report.text import progress, say

if TYPE_CHECKING:
    import argparse

    from mergeline.pipeline.result import RunResult
    from mergeline.promotion.rebuilding import Rebuilder
    from mergeline.promotion.reproduction import Reproduction
    from mergeline.specs.types import Release


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "versions",
        nargs="*",
        metavar="MODEL@VERSION",
        help="the released versions (default: all that are in production)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="of those in production the N whose turn it is this week",
    )
    parser.add_argument(
        "--environment",
        choices=("here", "venv"),
        default="here",
        help="venv: train in one that uv makes from the recorded lockfile (default: here)",
    )
    parser.add_argument(
        "--public", action="store_true", help="with --sample: only of models whose data are public"
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Rebuild and compare; 1 if something differs, 3 if it could not be answered."""
    from mergeline.promotion.reproduction import exit_code

    session = Session(arguments)
    session.require_own_state()
    rebuilder = _rebuilder(session)
    answers = []
    for release in _asked(session, rebuilder, arguments):
        progress(f"{release.name} {release.version}: training at {release.training.commit[:10]}")
        answer = _answer(session, rebuilder, release, arguments.environment)
        answers.append(answer)
        if arguments.format == "text":
            from mergeline.report.reproduction import reproduction_text

            say(reproduction_text(answer))
    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text([answer.as_json() for answer in answers]))
    elif not answers:
        say("nothing is in production: nothing to rebuild")
    return int(exit_code(answers))


def _asked(session: Session, rebuilder: Rebuilder, arguments: argparse.Namespace) -> list[Release]:
    from mergeline.promotion.rebuilding import released, sample

    if arguments.versions:
        if arguments.sample is not None:
            raise UsageError("--sample is for all that is in production: name no version")
        return [released(rebuilder.git, rebuilder.ref, *named(word)) for word in arguments.versions]
    if arguments.public and arguments.sample is None:
        raise UsageError("--public goes with --sample")
    releases = rebuilder.in_production(public=arguments.public)
    if arguments.sample is None:
        return releases
    if arguments.sample < 1:
        raise UsageError("--sample takes a whole number from 1")
    return sample(releases, arguments.sample, session.clock())


def named(word: str) -> tuple[str, str]:
    """Return model and version of `MODEL@VERSION`.

    Raises:
        UsageError: it is not of that form.
    """
    model, _, version = word.partition("@")
    if not model or not version:
        raise UsageError(f'"{word}" names no version', hint="write MODEL@VERSION, e.g. churn@1.0.0")
    return model, version


def _answer(
    session: Session, rebuilder: Rebuilder, release: Release, environment: str
) -> Reproduction:
    if environment == "here":
        return rebuilder.rebuild(release)
    from mergeline.commands.elsewhere import rebuild_in_venv

    return rebuild_in_venv(session, release)


def _rebuilder(session: Session) -> Rebuilder:
    from mergeline.promotion.rebuilding import Rebuilder

    def train(root: Path, name: str, commit: str) -> RunResult:
        from mergeline.commands.training import retrain_commit

        return retrain_commit(session, root, name, commit, progress)

    return Rebuilder(session.git, session.desired, train, lambda one: _held(session, one))


def _held(session: Session, release: Release) -> str | None:
    """Return the digest of the package in the registry, from bytes that are fetched now."""
    from mergeline.pipeline.packaging import package_digest

    found = session.registry.find(release.name, release.version)
    if found is None:
        return None
    with tempfile.TemporaryDirectory(prefix="mergeline-") as folder:
        return package_digest(session.registry.fetch_model(found, Path(folder, "model")))
