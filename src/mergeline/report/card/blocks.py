"""What a card consists of, whatever it is written in.

Every text is escaped where it is written, ours like that of users: nobody has to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A name, a digest, a path."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address; it leads somewhere only if it is one of the web."""

    url: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether a gate was met; None: none was set."""

    met: bool | None


Cell = str | Code | Link | Mark


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph that must not be missed."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list under a heading of its own."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    caption: str
    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header.

    Attributes:
        numbers: the columns of numbers.
        folded: is it long, and opened on a click?
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing by its name; there may be none."""

    name: str
    caption: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """Drawings side by side, as far as there is room."""

    pictures: tuple[Picture, ...]


Block = Text | Note | Items | Facts | Table | Picture | Gallery


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a card under a heading; `name` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def facts(caption: str, *rows: tuple[str, Cell | None]) -> Facts:
    """Return the facts that are known."""
    return Facts(caption, tuple((name, cell) for name, cell in rows if cell not in (None, "")))
