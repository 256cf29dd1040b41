"""Is the code of a model what its reviewers read? Its encoding, and characters that nobody sees."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.tree import read_at_most
from mergeline.written import HIDDEN_HINT, MAX_BYTES, hidden_character

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mergeline.specs.tree import Tree

_CODE = (".py", ".sql")


def unreadable_code(tree: Tree, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each file of code that is not run as it is read.

    Args:
        tree: the files.
        paths: those to look at; what is not code by its ending is passed over.
    """
    for path in paths:
        if not path.endswith(_CODE):
            continue
        try:
            content = read_at_most(tree, path, MAX_BYTES + 1)
        except OSError:
            continue  # who needs the file says that it cannot be read
        yield from as_it_is_read(path, content)


def as_it_is_read(path: str, content: bytes) -> list[Finding]:
    """Return what makes a file of code another text to who runs it than to who reads it."""
    finding = _finding(path, content)
    return [] if finding is None else [finding]


def _finding(path: str, content: bytes) -> Finding | None:
    if len(content) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes, the most for code that is read"
        return Finding("file-too-large", Severity.ERROR, message, Location(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _not_utf_8(Location(path, line), f"byte 0x{content[error.start]:02x} is not UTF-8")
    if hidden := hidden_character(text):
        place = Location(path, hidden.line, hidden.column)
        return Finding("hidden-character", Severity.ERROR, hidden.message, place, HIDDEN_HINT)
    if path.endswith(".py") and (encoding := _declared(content)):
        return _not_utf_8(Location(path, 1), f"Python would read the file as {encoding}")
    return None


def _declared(content: bytes) -> str | None:
    """Return another encoding than UTF-8 that a Python file declares (PEP 263)."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except (LookupError, SyntaxError) as error:
        return str(error)
    return None if encoding in ("utf-8", "utf-8-sig") else encoding


def _not_utf_8(place: Location, message: str) -> Finding:
    hint = "save the file as UTF-8, without a declaration of another encoding"
    return Finding("not-utf-8", Severity.ERROR, message, place, hint)
