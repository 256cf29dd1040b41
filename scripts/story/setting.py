"""The setting of the quickstart: an emptied folder, a development forge, a clone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import yaml
from people import PEOPLE, REPOSITORY, TEAMS, Desk, StoryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARKER = ".made-by-mergeline-quickstart"


def empty(directory: Path) -> None:
    """Make the folder, or empty the one that an earlier quickstart made.

    Raises:
        StoryError: the folder holds something else.
    """
    if directory.exists():
        ours = (directory / MARKER).is_file()
        if not ours and (not directory.is_dir() or any(directory.iterdir())):
            raise StoryError(
                f"{directory} is not empty, and no quickstart made it\n"
                "  = help: name a folder that does not exist: scripts/quickstart DIR"
            )
        shutil.rmtree(directory)
    directory.mkdir(parents=True)
    (directory / MARKER).touch()


@contextmanager
def development_forge(directory: Path) -> Iterator[str]:
    """Serve the development forge for as long as the story lasts; give its address."""
    config = directory / "forge.yaml"
    config.write_text(yaml.safe_dump(_config(), sort_keys=False))
    command = [
        sys.executable,
        "-m",
        "mergeline.devforge",
        "--root",
        str(directory / "forge"),
        "--config",
        str(config),
    ]
    with (directory / "forge.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        if not address:
            raise StoryError(f"the development forge did not start: see {directory / 'forge.log'}")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def _config() -> dict[str, object]:
    return {
        "repository": REPOSITORY,
        "default_branch": "main",
        "users": [
            {
                "login": person.login,
                "name": person.name,
                "email": person.email,
                "token": person.token,
                "type": person.kind,
            }
            for person in PEOPLE
        ],
        "teams": TEAMS,
        # As a team would on GitHub: the gate job is the one required check.
        "protection": {"required_status_checks": ["gate"]},
    }


def clone(source: Path, directory: Path, api_url: str) -> Desk:
    """Clone this repository, and make the development forge the clone's origin."""
    home, bare = directory / "repository", directory / "forge" / f"{REPOSITORY}.git"
    _git("clone", "--quiet", "--no-hardlinks", str(source), str(home))
    _git("-C", str(home), "checkout", "--quiet", "-B", "main")
    # A shallow clone (as CI makes) is a source as good as any.
    _git("-C", str(bare), "config", "receive.shallowUpdate", "true")
    _git("-C", str(home), "remote", "set-url", "origin", str(bare))
    _git("-C", str(home), "push", "--quiet", "origin", "main")
    _git("-C", str(home), "fetch", "--quiet", "--prune", "origin")
    _git("-C", str(home), "remote", "set-head", "origin", "main")
    _git("-C", str(home), "branch", "--quiet", "--set-upstream-to", "origin/main")
    settings = {
        "mergeline.apiurl": api_url,
        "mergeline.repository": REPOSITORY,
        "mergeline.botemail": "mergeline[bot]@example.org",
    }
    for key, value in settings.items():
        _git("-C", str(home), "config", key, value)
    return Desk(home, api_url)


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise StoryError(f"git {' '.join(arguments)} failed:\n{done.stderr}")
