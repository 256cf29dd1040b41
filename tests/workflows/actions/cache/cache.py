"""What the stand-ins for actions/cache do, on a local folder.

An entry whose name ends in `*` answers every key that begins so: tests put the dependencies
there, under a key that they need not know.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

HOME = Path(os.environ["STAND_IN_CACHE"])
PATH, KEY = Path(os.environ["CACHED"]), os.environ["KEY"]


def scopes() -> list[Path]:
    """The run's own scope, then that of the branch it starts from: as on GitHub."""
    base = os.environ.get("GITHUB_BASE_REF") or "main"
    refs = dict.fromkeys([os.environ["GITHUB_REF"], f"refs/heads/{base}"])
    return [HOME / quote(ref, safe="") for ref in refs]


def found(key: str, *, exact: bool) -> Path | None:
    wanted = quote(key, safe="")
    for scope in scopes():
        entries = [] if not scope.is_dir() else list(scope.iterdir())
        answering = [
            entry
            for entry in entries
            if entry.name == wanted
            or (entry.name.endswith("*") and wanted.startswith(entry.name[:-1]))
            or (not exact and entry.name.startswith(wanted))
        ]
        if answering:
            return max(answering, key=lambda entry: entry.stat().st_mtime_ns)
    return None


def restore() -> None:
    entry = found(KEY, exact=True)
    hit = entry is not None
    for beginning in os.environ["RESTORE_KEYS"].split():
        entry = entry or found(beginning, exact=False)
    if entry is not None and os.environ["LOOKUP_ONLY"] != "true":
        shutil.copytree(entry, PATH, symlinks=True, dirs_exist_ok=True)
    sys.stdout.write(f"{KEY}: {entry.name if entry else 'nothing'}\n")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as outputs:
        outputs.write(f"cache-hit={str(hit).lower() if entry else ''}\n")


def save() -> None:
    entry = scopes()[0] / quote(KEY, safe="")
    if PATH.exists() and not entry.exists():
        shutil.copytree(PATH, entry, symlinks=True)


if __name__ == "__main__":
    {"restore": restore, "save": save}[sys.argv[1]]()
