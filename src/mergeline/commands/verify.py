"""`mergeline verify`: who signed a release, and does the signature hold?"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.options import add_format
from mergeline.commands.reproduce import named
from mergeline.commands.session import Session
from mergeline.errors import UsageError
from mergeline.report.text import say

if TYPE_CHECKING:
    import argparse

    from mergeline.promotion.vouching import Vouched


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("version", metavar="MODEL@VERSION", help="the released version")
    parser.add_argument(
        "--package",
        type=Path,
        metavar="DIR",
        help="hold this folder against the signature (default: what the registry gives)",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Verify; 1 if the release is unsigned or something does not hold, 3 if nobody can tell."""
    session = Session(arguments)
    model, version = named(arguments.version)
    if arguments.package is not None and not arguments.package.is_dir():
        raise UsageError(f"{arguments.package} is no folder", hint="name that of a packaged model")
    with tempfile.TemporaryDirectory(prefix="mergeline-") as folder:
        answer = _vouched(session, model, version, arguments.package, Path(folder))
    if arguments.format == "json":
        from mergeline.report.json import json_text

        say(json_text(answer.as_json()))
    else:
        from mergeline.report.vouching import vouched_text

        say(vouched_text(answer))
    return int(answer.exit_code)


def _vouched(
    session: Session, model: str, version: str, package: Path | None, folder: Path
) -> Vouched:
    from mergeline.pipeline.packaging import package_digest
    from mergeline.policy.library import PolicyLibrary
    from mergeline.promotion.rebuilding import released
    from mergeline.promotion.verification import Checks
    from mergeline.promotion.vouching import vouch
    from mergeline.registry.mlflow import MlflowRegistry
    from mergeline.registry.trust import trust_of

    release = released(session.git, session.desired, model, version)
    tree = session.git.tree(session.desired)
    checks = Checks(package_digest, trust_of(PolicyLibrary.load(tree).data))
    # Into a folder of its own: bytes that were fetched before say nothing of the registry.
    fresh = MlflowRegistry(replace(session.settings, root=folder))

    def fetch() -> Path:
        return package or fresh.download_model(model, version, release.digest)

    return vouch(tree, release, fetch, checks)
