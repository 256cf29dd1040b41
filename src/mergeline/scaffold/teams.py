"""The list of teams at the top of a repository's policies/data.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.scaffold.laying import write
from mergeline.specs.teams import TEAMS

if TYPE_CHECKING:
    from pathlib import Path

_LIST = re.compile(rb"^  teams:\n((?:    [^\n]*\n)*)", re.MULTILINE)


def with_teams(content: bytes, teams: list[str]) -> bytes:
    """Return the file with these teams only, none of which has members; as it is without a list."""
    rows = "".join(f"    {team}: []\n" for team in sorted(teams)).encode()
    return _LIST.sub(lambda _: b"  teams:\n" + rows, content, count=1)


def with_team(content: bytes, team: str) -> bytes:
    """Return the file with one team more; as it is if the team is there, or there is no list."""
    found = _LIST.search(content)
    row = f"    {team}:".encode()
    if found is None or any(line.startswith(row) for line in found[1].splitlines()):
        return content
    return content[: found.end()] + row + b" []\n" + content[found.end() :]


def add_team(root: Path, team: str) -> bool:
    """Add a team to the list of a repository; tell whether it was not there.

    Raises:
        ToolError: the file cannot be written.
    """
    path = root / TEAMS
    if not path.is_file():
        return False
    before = path.read_bytes()
    after = with_team(before, team)
    if after != before:
        write(path, after)
    return after != before
