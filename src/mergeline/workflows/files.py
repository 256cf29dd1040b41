"""The generated files on disk: what differs, and making it so."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.findings import Finding, Location, Severity
from mergeline.workflows.render import GENERATED
from mergeline.workflows.templates import OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_COMMAND = "run: mergeline workflows"


class Outcome(StrEnum):
    """How a generated file stands to what is rendered now."""

    UNCHANGED = "unchanged"
    MISSING = "missing"
    STALE = "stale"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class Change:
    """A generated file.

    Attributes:
        path: from the repository's root.
        outcome: how it stands.
        text: what it must hold; None: it must not be there.
        line: the first line that differs.
    """

    path: str
    outcome: Outcome
    text: str | None
    line: int = 1


def compare(root: Path, rendered: Mapping[str, str]) -> list[Change]:
    """Compare what is rendered with the files of a repository, by path."""
    changes = [_compared(root, path, text) for path, text in rendered.items()]
    orphans = [
        Change(path, Outcome.ORPHANED, None) for path in _generated(root) if path not in rendered
    ]
    return sorted([*changes, *orphans], key=lambda change: change.path)


def _compared(root: Path, path: str, text: str) -> Change:
    try:
        held = (root / path).read_bytes()
    except FileNotFoundError:
        return Change(path, Outcome.MISSING, text)
    except OSError as error:
        raise ToolError(f"{path} cannot be read: {error.strerror}") from None
    if held == text.encode():
        return Change(path, Outcome.UNCHANGED, text)
    return Change(path, Outcome.STALE, text, _first_difference(held, text.encode()))


def _first_difference(held: bytes, wanted: bytes) -> int:
    pairs = zip(held.split(b"\n"), wanted.split(b"\n"), strict=False)
    for number, (one, other) in enumerate(pairs, start=1):
        if one != other:
            return number
    return min(held.count(b"\n"), wanted.count(b"\n")) + 1


def _generated(root: Path) -> Iterable[str]:
    """Find the workflows that say they were generated here; hand-written ones are not ours."""
    for path in sorted((root / OWN_FOLDER).glob("*.y*ml")):
        if path.read_bytes().startswith(GENERATED.encode()):
            yield path.relative_to(root).as_posix()


def findings_of(changes: Sequence[Change]) -> list[Finding]:
    """Return one finding for each file that is not what is rendered."""
    said = {
        Outcome.MISSING: ("missing-workflow", "is missing"),
        Outcome.STALE: ("stale-workflow", "differs from its template and the specs"),
        Outcome.ORPHANED: ("orphaned-workflow", "was generated from a template that is gone"),
    }
    return [
        Finding(
            said[change.outcome][0],
            Severity.ERROR,
            f"{change.path} {said[change.outcome][1]}",
            Location(change.path, change.line),
            _COMMAND,
        )
        for change in changes
        if change.outcome is not Outcome.UNCHANGED
    ]


def write(root: Path, changes: Sequence[Change]) -> None:
    """Make the files so; each is replaced whole or not at all.

    Raises:
        ToolError: a file cannot be written.
    """
    for change in changes:
        try:
            if change.text is None:
                (root / change.path).unlink()
            elif change.outcome is not Outcome.UNCHANGED:
                _replace(root / change.path, change.text)
        except OSError as error:
            raise ToolError(f"{change.path} cannot be written: {error.strerror}") from None


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".mergeline-", delete=False
    ) as file:
        temporary = Path(file.name)
        file.write(text)
    try:
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
