"""Rebuilding in a virtual environment that uv makes from a recorded lockfile."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import mergeline
from mergeline.digest import digest_bytes, digest_json
from mergeline.errors import MergelineError, RefusedError, ToolError
from mergeline.process import run
from mergeline.promotion.rebuilding import stopped, trained_at
from mergeline.promotion.reproduction import Compared, Reproduction
from mergeline.specs.tree import has_file

if TYPE_CHECKING:
    from mergeline.commands.session import Session
    from mergeline.specs.types import Release

_INSTALL_SECONDS = 1800
_TRAIN_SECONDS = 6 * 3600


def rebuild_in_venv(session: Session, release: Release) -> Reproduction:
    """Rebuild a release with this engine, its packages and Python apart.

    Whatever stops it is the answer, as it is of a rebuild here.
    """
    try:
        python = _made(session, release)
        return _told(session, release, python)
    except MergelineError as error:
        return stopped(release, error)


def _made(session: Session, release: Release) -> Path:
    """Return the Python of the environment, made once for each lockfile.

    Raises:
        ToolError: uv is not there, or could not install what the lockfile names.
    """
    environment, locked = release.environment, _lockfile(session, release)
    minor = ".".join(environment.python.split(".")[:2])
    key = digest_json([minor, environment.lockfile_digest]).removeprefix("sha256:")[:16]
    home = session.settings.state / "environments" / key
    python, complete = home / "bin" / "python", home / "complete"
    if not complete.is_file():
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(suffix=".txt") as lockfile:
            lockfile.write(locked)
            lockfile.flush()
            _uv("venv", "--quiet", "--no-project", "--python", minor, str(home))
            install = ("pip", "install", "--quiet", "--require-hashes", "--python", str(python))
            _uv(*install, "--requirement", lockfile.name)
        complete.touch()
    return python


def _lockfile(session: Session, release: Release) -> bytes:
    """Return the recorded lockfile, from the training commit.

    Raises:
        RefusedError: the commit has another one, or none.
        ToolError: the commit is not here.
    """
    path = release.environment.lockfile
    tree = session.git.tree(trained_at(session.git, release))
    content = tree.read(path) if has_file(tree, path) else b""
    if digest_bytes(content) != release.environment.lockfile_digest:
        raise RefusedError(
            f"{path} of {release.training.commit[:10]} is not the lockfile that is recorded",
            hint="release records are never edited: restore it, or release a new version",
        )
    return content


def _uv(*arguments: str) -> None:
    beside = Path(sys.executable).parent / "uv"
    program = str(beside) if beside.is_file() else "uv"
    done = run([program, *arguments], timeout=_INSTALL_SECONDS)
    if done.status != 0:
        said = done.stderr.strip() or f"exit status {done.status}"
        raise ToolError(
            f"uv could not make the recorded environment: {said}",
            hint="is the package index within reach, and has it every pinned version still?",
        )


def _told(session: Session, release: Release, python: Path) -> Reproduction:
    """Return what this engine answers in the other environment."""
    with tempfile.TemporaryDirectory(prefix="mergeline-") as folder:
        # The engine alone, without the packages that are installed beside it, and with `-P`
        # without the modules of the folder that this is called in.
        Path(folder, "mergeline").symlink_to(Path(mergeline.__file__).parent)
        word = f"{release.name}@{release.version}"
        done = run(
            [str(python), "-P", "-m", "mergeline", "-C", str(session.root), "reproduce", word,
             "--format", "json"],
            env={**os.environ, "PYTHONPATH": folder},
            timeout=_TRAIN_SECONDS,
        )  # fmt: skip
    try:
        [answer] = msgspec.json.decode(done.stdout)
        differing = [Compared(**one) for one in answer["differing"]]
        equal = [Compared("", None, None)] * (answer["fields"] - len(differing))
        return Reproduction(
            answer["model"],
            answer["version"],
            answer["outcome"],
            answer["commit"],
            (*differing, *equal),
            tuple(answer["notes"]),
            answer["reason"],
            answer["hint"],
            (answer["seconds"], answer["pipeline_seconds"]),
        )
    except (ValueError, TypeError, KeyError, msgspec.DecodeError):
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ToolError(f"the engine does not run in the recorded environment: {last}") from None
