"""How much is read of the files that people write, and which characters may not be in them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# People review what people write; a file of more than a megabyte holds something else.
MAX_BYTES = 1_000_000
_ENDINGS = (".yaml", ".yml", ".py", ".rego")

# Each changes what a text means, or how it looks, without being seen. Names and aliases are those
# of https://www.unicode.org/Public/UCD/latest/ucd/NameAliases.txt and of UTS 55.
_HIDDEN = re.compile(
    # Controls: a terminal obeys them, and to some readers VT, FF, FS, GS, RS and NEL end a line.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    # LINE SEPARATOR and PARAGRAPH SEPARATOR: end a line in YAML, and nowhere else.
    "\u2028\u2029"
    # What reorders text from right to left, so that it is not read as it is run.
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    # What has no width or no ink: two names look alike, or a text holds another one.
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164"
    "\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
    # A carriage return that no line feed follows.
    "|\r(?!\n)"
    # Joiners and the emoji selector belong to scripts and emoji, never into ASCII.
    "|(?<![^\x00-\x7f])[\u200c\u200d\ufe0f](?!\u20e3)"
)
_NAMES = {
    0x0B: "VERTICAL TAB",
    0x0C: "FORM FEED",
    0x0D: "CARRIAGE RETURN alone",
    0x1B: "ESCAPE",
    0x85: "NEXT LINE",
}
HIDDEN_HINT = "remove the character"


class HiddenCharacter(NamedTuple):
    """A character that may not be in what people write.

    Attributes:
        what: it, as `U+2028 LINE SEPARATOR`.
        line: its line, from 1; line feeds end lines, as in what reviewers see.
        column: its column, from 1.
    """

    what: str
    line: int
    column: int

    @property
    def message(self) -> str:
        """Say so, in a sentence for a finding."""
        return f"{self.what} is not seen by who reads the file, and may change what it says"


def hidden_character(text: str) -> HiddenCharacter | None:
    """Return the first character of a text that its readers would not see; None: there is none."""
    found = _HIDDEN.search(text)
    if found is None:
        return None
    before = text[: found.start()]
    code = ord(found.group())
    name = _NAMES.get(code) or unicodedata.name(found.group(), "")
    what = f"U+{code:04X} {name}".rstrip()
    return HiddenCharacter(what, before.count("\n") + 1, len(before) - before.rfind("\n"))


def most_read(path: str) -> int:
    """Return how many bytes are read of a file: one more than it may have; -1, all, of others.

    So a file of any size is refused, by whoever looks into it, before it is in memory.
    """
    return MAX_BYTES + 1 if path.endswith(_ENDINGS) else -1


def too_large(content: bytes) -> str | None:
    """Say that what was read of a file is more than it may have; None if it is not."""
    if len(content) <= MAX_BYTES:
        return None
    return f"the file has more than {MAX_BYTES:,} bytes, the most for one that people write"
