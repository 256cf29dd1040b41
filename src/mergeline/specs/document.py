"""A parsed spec file: its value, and where each part of it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

Pointer = tuple[str | int, ...]
Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A spec file as plain JSON values, with the positions of its keys and values.

    Attributes:
        file: the path, relative to the repository's root, with forward slashes.
        value: the content: dict, list, str, int, float, bool or None.
        keys: line and column (from 1) of the key that leads to each pointer.
        values: line and column (from 1) of the value at each pointer.
    """

    file: str
    value: Any
    keys: Mapping[Pointer, Position]
    values: Mapping[Pointer, Position]

    def locate(self, pointer: Pointer = (), *, key: bool = False) -> Location:
        """Return the place of a value (or its key); of the nearest parent if it is not there."""
        wanted = tuple(pointer)
        while wanted and wanted not in self.values:
            wanted = wanted[:-1]
        positions = self.keys if key and wanted in self.keys else self.values
        line, column = positions.get(wanted, (1, 1))
        return Location(self.file, line, column)

    def finding(
        self,
        rule: str,
        message: str,
        pointer: Pointer = (),
        *,
        hint: str | None = None,
        key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """Make a finding at a place of this document."""
        return Finding(rule, severity, message, self.locate(pointer, key=key), hint)


def parse_pointer(text: str) -> Pointer:
    """Read a JSON pointer (RFC 6901); parts that are whole numbers become list indices.

    Raises:
        ValueError: the text is neither empty nor begins with a slash.
    """
    if text and not text.startswith("/"):
        raise ValueError(f"not a JSON pointer: {text!r}")
    parts = (part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])
    return tuple(int(part) if part.isdecimal() else part for part in parts)
