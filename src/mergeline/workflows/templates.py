"""Where the workflow templates are: in the repository, or bundled with the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ToolError, UsageError
from mergeline.findings import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "pipelines/workflows"
# Of a repository alone: neither bundled nor copied into another one.
OWN_FOLDER = ".github/workflows"
CODEOWNERS = ".github/CODEOWNERS"
# Templates that are no workflows: name to the file that GitHub reads.
_ELSEWHERE = {
    "CODEOWNERS.j2": CODEOWNERS,
    "pull_request_template.md.j2": ".github/pull_request_template.md",
}
_PACKAGE = Path(__file__).parents[1]
# In a wheel the bundled files are in the package; in a source checkout they are at its root.
_BUNDLED = (_PACKAGE / "bundled", _PACKAGE.parents[1])


@dataclass(frozen=True, slots=True)
class Templates:
    """The text of the templates.

    Attributes:
        texts: by file name, e.g. `release.yml.j2`.
        own: those that lie beside the workflows that they become.
    """

    texts: Mapping[str, str]
    own: frozenset[str] = frozenset()

    @property
    def outputs(self) -> dict[str, str]:
        """The generated files: path from the repository's root to the template's name.

        `NAME.yml.j2` becomes a workflow; of the others, those that GitHub has a place for are
        put there, and the rest are there to be imported.
        """
        targets = {
            f"{OWN_FOLDER}/{name.removesuffix('.j2')}": name
            for name in self.texts
            if name.endswith(".yml.j2")
        }
        targets |= {path: name for name, path in _ELSEWHERE.items() if name in self.texts}
        return dict(sorted(targets.items()))

    def path(self, name: str) -> str:
        """Return where a template lies, from the repository's root."""
        return f"{OWN_FOLDER if name in self.own else FOLDER}/{name}"


def bundled_root() -> Path:
    """Return the folder in which policies/, pipelines/ and requirements/ of the engine lie.

    Raises:
        ToolError: the installation lacks them.
    """
    for home in _BUNDLED:
        if (home / FOLDER).is_dir():
            return home
    raise ToolError(
        "this installation of Mergeline lacks its bundled files", hint="install Mergeline again"
    )


def find_templates(root: Path) -> Templates:
    """Read the templates of a repository; those bundled with the engine if it has none.

    Raises:
        UsageError: there are none, two have one name, or one is not UTF-8.
    """
    own = _read_all(root, OWN_FOLDER)
    for home in (root, *_BUNDLED):
        texts = _read_all(home, FOLDER)
        for name in sorted(own.keys() & texts.keys()):
            raise UsageError(
                f"there is a {name} in {FOLDER}, too",
                hint="rename one of them",
                location=Location(f"{OWN_FOLDER}/{name}"),
            )
        if texts:
            return Templates(texts | own, frozenset(own))
    raise UsageError(
        f"there are no templates in {FOLDER}", hint=f"restore {FOLDER} from version control"
    )


def _read_all(home: Path, folder: str) -> dict[str, str]:
    return {path.name: _read(folder, path) for path in sorted((home / folder).glob("*.j2"))}


def _read(folder: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"{folder}/{path.name} is not UTF-8", hint="save the template as UTF-8"
        ) from None
    except OSError as error:
        raise UsageError(f"{folder}/{path.name} cannot be read: {error.strerror}") from None
