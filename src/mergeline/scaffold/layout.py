"""The files of a new repository of models, by path from its root."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline import __version__
from mergeline.errors import ToolError
from mergeline.scaffold.numbers import with_numbers
from mergeline.scaffold.schemas import editor_settings, schema_files
from mergeline.scaffold.teams import with_teams
from mergeline.specs.teams import TEAMS
from mergeline.specs.writing import SCHEMAS
from mergeline.workflows import bundled_root

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCKFILE = "requirements/runtime.txt"
PIN = "requirements/mergeline.txt"
SET_UP = "scripts/set-up"
EXECUTABLE = frozenset({SET_UP})
_OWN = Path(__file__).parent / "files"
# What is written as it stands: path to the name in files/, where no tool takes it for its own.
_PLAIN = {
    ".gitignore": "gitignore",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    "README.md": "README.md",
    SET_UP: "set-up",
}
_BUNDLED = ("policies", "pipelines")
_SHARED = "pipelines/workflows/shared.j2"
_PLATFORM_TEAM = re.compile(r'\[% set platform_team = "([^"]*)"')
_SCHEMA_LINE = re.compile(rb"(\$schema=(?:\.\./)+)\S+/([A-Za-z]+\.schema\.json)")


@dataclass(frozen=True, slots=True)
class Organization:
    """Who owns the new repository; None leaves what the template says.

    Attributes:
        name: the organisation (or user) on the forge.
        platform_team: the team that owns everything but the models.
        branch: the default branch.
    """

    name: str | None = None
    platform_team: str | None = None
    branch: str = "main"

    @property
    def has_teams(self) -> bool:
        """Whether there are teams to ask approvals of: only an organisation has them."""
        return self.name is not None

    def written_into(self, template: bytes) -> bytes:
        """Return the shared template with these names at its top."""
        text = template.decode()
        for key, value in (
            ("organisation", self.name),
            ("platform_team", self.platform_team),
            ("default_branch", self.branch),
        ):
            if value is not None:
                text = re.sub(rf'(\[% set {key} = )"[^"]*"', rf'\g<1>"{value}"', text, count=1)
        return text.encode()


def layout(organization: Organization) -> dict[str, bytes]:
    """Return everything but the generated files of `.github/`.

    Raises:
        ToolError: the installation lacks its bundled files.
    """
    files = dict(_bundled())
    files[_SHARED] = organization.written_into(files[_SHARED])
    numbers = with_numbers(files[TEAMS], teams=organization.has_teams)
    files[TEAMS] = with_teams(numbers, _PLATFORM_TEAM.findall(files[_SHARED].decode()))
    files |= {path: (_OWN / name).read_bytes() for path, name in _PLAIN.items()}
    files |= schema_files()
    files[".vscode/settings.json"] = editor_settings()
    files["models/.gitkeep"] = b""
    files[PIN] = f"mergeline=={__version__}\n".encode()
    return files


def _bundled() -> Iterator[tuple[str, bytes]]:
    """Yield policies, pipelines and the lock, pointing to schemas where the layout has them."""
    home = bundled_root()
    paths = [path for folder in _BUNDLED for path in (home / folder).rglob("*") if path.is_file()]
    for path in sorted([*paths, home / LOCKFILE]):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ToolError(
                f"a bundled file of Mergeline cannot be read: {error.strerror}",
                hint="install Mergeline again",
            ) from None
        pointing = _SCHEMA_LINE.sub(rb"\1" + SCHEMAS.encode() + rb"/\2", content)
        yield path.relative_to(home).as_posix(), pointing
