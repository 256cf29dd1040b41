"""How much is read of the files that people write, and which characters may not be in them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# People review what people write; a file of more than a megabyte holds something else.
MAX_BYTES = 1_000_000
_ENDINGS = (".yaml", ".yml", ".py", ".rego")

# What has no ink or no width, or reorders text: two texts look alike, or one is not read as it is
# run. The first and the last of each range, in hexadecimal; of Unicode 17,
# https://www.unicode.org/Public/17.0.0/ucd/
# Default_Ignorable_Code_Point in DerivedCoreProperties.txt:
_IGNORABLE = """
    00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF
    FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF
"""
# Cf (format) in extracted/DerivedGeneralCategory.txt, without those above:
_FORMAT = """
    0600-0605 06DD 070F 0890-0891 08E2 FFF9-FFFB 110BD 110CD 13430-1343F
"""
# Other characters without ink: BRAILLE PATTERN BLANK, KHITAN SMALL SCRIPT FILLER, EGYPTIAN
# HIEROGLYPH FULL BLANK and HALF BLANK, MUSICAL SYMBOL NULL NOTEHEAD.
_BLANK = "2800 16FE4 13441-13442 1D159"
# Joiners and the emoji selector belong to scripts and emoji, never into ASCII.
_JOINING = "\u200c\u200d\ufe0f"


def _class(*tables: str) -> str:
    """Return tables of ranges as what stands in the brackets of a regular expression."""
    ranges = (one.partition("-") for table in tables for one in table.split())
    return "".join(rf"\U{first:0>8}-\U{last or first:0>8}" for first, _, last in ranges)


# Each changes what a text means, or how it looks, without being seen. Names and aliases are those
# of https://www.unicode.org/Public/UCD/latest/ucd/NameAliases.txt and of UTS 55.
_HIDDEN = re.compile(
    "["
    # Controls: a terminal obeys them, and to some readers VT, FF, FS, GS, RS and NEL end a line.
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    # LINE SEPARATOR and PARAGRAPH SEPARATOR: end a line in YAML, and nowhere else.
    r"\u2028\u2029"
    rf"{_class(_IGNORABLE, _FORMAT, _BLANK)}](?<![{_JOINING}])"
    # A carriage return that no line feed follows.
    r"|\r(?!\n)"
    rf"|(?<![^\x00-\x7f])[{_JOINING}](?!\u20e3)"
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
