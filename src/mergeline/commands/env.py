"""`mergeline env`: this environment against lockfile and record, and a Dockerfile of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.options import add_format, add_verbs
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, RefusedError, UsageError
from mergeline.report.text import say
from mergeline.specs.repository import load_repository, model_names
from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    import argparse

    from mergeline.promotion.surroundings import Checked
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree
    from mergeline.specs.types import Release

_VERBS = {
    "check": "compare what is installed with the lockfile, and with a release's record",
    "dockerfile": "render the environment of a model as a Dockerfile",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of the command."""
    add_verbs(parser, _VERBS)
    parser.add_argument(
        "subject",
        nargs="?",
        metavar="MODEL[@VERSION]",
        help="the model, or a release of it (check: default all lockfiles)",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Do what the verb says; 1 if something differs."""
    session = Session(arguments)
    name, _, version = (arguments.subject or "").partition("@")
    if arguments.verb == "dockerfile":
        return int(_dockerfile(session, name, version))
    return int(_check(session, name, version, arguments.format))


def _check(session: Session, name: str, version: str, form: str) -> ExitCode:
    checked = _checked(session, name, version)
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text([one.as_json() for one in checked]))
    else:
        from mergeline.report.environment import environment_text

        for one in checked:
            say(environment_text(one))
    return ExitCode.NO if any(one.gaps for one in checked) else ExitCode.YES


def _checked(session: Session, name: str, version: str) -> list[Checked]:
    from mergeline.promotion.surroundings import against_lock, against_record

    if version:
        release = _release(session, name, version)
        return [against_record(release, _read(session, release.environment.lockfile))]
    pythons: dict[str, set[str]] = {}
    for model in _models(session, name):
        environment = model.training.environment
        pythons.setdefault(environment.lockfile, set()).add(environment.python)
    texts = {path: _read(session, path) for path in pythons}
    return [
        against_lock(path, None if text is None else text.decode(), pythons[path])
        for path, text in sorted(texts.items())
    ]


def _dockerfile(session: Session, name: str, version: str) -> ExitCode:
    from mergeline.report.dockerfile import dockerfile

    if not name:
        raise UsageError("env dockerfile takes MODEL or MODEL@VERSION")
    tree: Tree = session.work_tree
    if version:
        tree = session.git.tree(_release(session, name, version).training.commit)
    model = _models_of(tree, name)[0]
    say(dockerfile(model, tree.read(model.training.environment.lockfile)).rstrip())
    return ExitCode.YES


def _models(session: Session, name: str) -> list[ModelFolder]:
    return _models_of(session.work_tree, name)


def _models_of(tree: Tree, name: str) -> list[ModelFolder]:
    """Return the model of a name, or all if it is empty."""
    repository = load_repository(tree, only={name} if name else None)
    if name and name not in repository.models:
        if name in repository.broken:
            raise RefusedError(
                f"the files of {name} do not conform", hint=f"mergeline validate {name}"
            )
        hint = did_you_mean(name, model_names(tree))
        raise UsageError(f'there is no model "{name}"', hint=hint)
    return list(repository.models.values())


def _release(session: Session, name: str, version: str) -> Release:
    from mergeline.promotion.rebuilding import released

    return released(session.git, session.desired, name, version)


def _read(session: Session, path: str) -> bytes | None:
    try:
        return session.work_tree.read(path)
    except FileNotFoundError:
        return None
