"""Looks for secrets in the files of a tree."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.evidence import is_evidence
from mergeline.specs.secrets.suspicion import suspects
from mergeline.specs.tree import HIDDEN_SECRETS, read_at_most
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mergeline.specs.secrets.detector import Detector
    from mergeline.specs.tree import Tree

# Of these folders, the files with these endings.
_OUTSIDE = ("waivers", "pipelines", "policies")
_SPECS = (".yaml", ".yml")
# Text that people write. Data of any size may lie beside it, which is never read.
SEARCHED = (
    *(".yaml", ".yml", ".py", ".json", ".toml", ".ini", ".cfg", ".conf", ".properties"),
    *(".sql", ".sh", ".md", ".rst", ".txt", ".ipynb", ".pem", ".key"),
    *(".xml", ".js", ".r", ".R", ".ps1", ".bat", ".tfvars", ".env", ".envrc"),
    *(f"/.env.{name}" for name in ("local", "dev", "development", "test", "prod", "production")),
    *(f"/id_{name}" for name in ("rsa", "dsa", "ecdsa", "ed25519")),
    *(f"/{name}" for name in ("credentials", *sorted(HIDDEN_SECRETS))),
)
# Some of the detector's patterns take the square of a line's length.
_LONGEST = 500
_MOST = 200
_HINT = "take it out, make it invalid where it came from, and read it from the environment"
_TOO_MUCH = "break the line, or write less that looks like a secret"


def secrets_in(tree: Tree, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each line of some files that holds a secret as it is.

    Files that are no text by their ending, cannot be read or have more than a megabyte are
    passed over. A secret itself is never shown.

    Args:
        tree: the files.
        paths: those to look at.
    """
    for path in paths:
        if path.endswith(SEARCHED) and not is_evidence(path.split("/", 2)[-1]):
            try:
                content = read_at_most(tree, path, MAX_BYTES + 1)
            except OSError:
                continue
            if len(content) <= MAX_BYTES:
                yield from _in_text(path, content.decode("utf-8", "replace"))


def outside_of_models(tree: Tree) -> list[str]:
    """Return the waivers, pipeline templates and policy data of a tree, as paths.

    Raises:
        ToolError: a folder cannot be read.
    """
    return [path for folder in _OUTSIDE for path in tree.files(folder) if path.endswith(_SPECS)]


def _in_text(path: str, text: str) -> Iterator[Finding]:
    found = suspects(text)
    if not found:
        return
    lines = text.split("\n")
    for index in found[:_MOST]:
        if len(lines[index]) > _LONGEST:
            message = f"a line of {len(lines[index])} characters looks as if it held a secret"
            yield _finding(message, Location(path, index + 1), _TOO_MUCH)
        elif literal := _detector().literal_in(path, lines, index):
            message = f"there is a secret in plain text ({literal.kind})"
            yield _finding(message, Location(path, index + 1, literal.column), _HINT)
    if len(found) > _MOST:
        message = f"{len(found)} lines look as if they held secrets; only {_MOST} were looked at"
        yield _finding(message, Location(path, found[_MOST] + 1), _TOO_MUCH)


@cache
def _detector() -> Detector:
    # Takes a fifth of a second: loaded only where something is suspected.
    from mergeline.specs.secrets.detector import Detector

    return Detector()


def _finding(message: str, place: Location, hint: str) -> Finding:
    return Finding("literal-secret", Severity.ERROR, message, place, hint)
