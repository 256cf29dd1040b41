"""Code is run as it is read, and nothing that people write holds what they do not see."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from mergeline.errors import UsageError
from mergeline.policy.library import PolicyLibrary
from mergeline.specs.code import as_it_is_read
from mergeline.specs.held import Held
from mergeline.specs.lockfile import floating
from mergeline.specs.yaml import parse
from mergeline.written import hidden_character

HIDDEN = (
    *("\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x1c", "\x1d", "\x1e", "\x7f", "\x85", "\x9b"),
    *("\r", "\u00ad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b", "\u200c", "\u200d"),
    *("\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
    *("\u2060", "\u2064", "\u2066", "\u2067", "\u2068", "\u2069", "\u206a", "\u3164", "\ufe00"),
    *("\ufeff", "\uffa0", "\ufff9", "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0100"),
    *("\U0001bca0", "\U0001d173", "\U0001d17a", "\U0001d159", "\U00016fe4", "\U00013441"),
    *("\u0600", "\u1160", "\u2065", "\u2800", "\U000110bd", "\U0001343f"),
)


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_a_hidden_character_is_found_where_it_is(character: str):
    text = f"one\ntwo # x{character}y\n"
    found = hidden_character(text)
    assert (found.line, found.column) == (2, 8)
    assert found.what.startswith(f"U+{ord(character):04X}")
    [finding] = as_it_is_read("models/m/code.py", text.encode())
    assert (finding.rule, finding.location.line, finding.location.column) == (
        "hidden-character", 2, 8,
    )  # fmt: skip
    document, [finding] = parse("f.yaml", f"a: 1\nb: 2 # x{character}y\n".encode())
    assert document is None
    assert (finding.rule, finding.location.line) == ("hidden-character", 2)
    assert floating(text.encode())[0].line == 2


@pytest.mark.parametrize(
    "text",
    ["tab\tand\nline\r\nends", "\u0645\u06cc\u200c\u0631\u0648\u062f", "\U0001f469\u200d\U0001f4bb",
     "\u26a0\ufe0f", "1\ufe0f\u20e3", "na\u00efve caf\u00e9 \u4e2d\u6587 \u05e9\u05dc\u05d5\u05dd"],
    ids=ascii,
)  # fmt: skip
def test_scripts_and_emoji_are_not_hidden(text: str):
    assert hidden_character(text) is None


def test_all_that_unicode_calls_format_is_hidden():
    seen = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Cf" and not hidden_character(f"x{chr(code)}y")
    ]
    assert seen == []


def test_all_that_is_ignored_by_default_is_hidden():
    # Default_Ignorable_Code_Point beside format characters, which Python's unicodedata lacks.
    ignorable = (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2065)
    more = (
        0x3164,
        0xFFA0,
        *range(0xFE00, 0xFE10),
        *range(0xFFF0, 0xFFF9),
        *range(0xE0000, 0xE1000),
    )
    assert all(hidden_character(f"x{chr(code)}y") for code in (*ignorable, *more))


@pytest.mark.parametrize("name", ["policies/m.rego", "policies/data.yaml"])
def test_policies_hold_no_hidden_character(name: str):
    files = {
        "policies/m.rego": "package mergeline.model\n\ndeny contains 1 if false\n",
        "policies/data.yaml": "organization: {}\n",
    }
    files[name] += "# no\u202eyes\n"
    with pytest.raises(UsageError, match=r"U\+202E RIGHT-TO-LEFT OVERRIDE") as caught:
        PolicyLibrary.load(Held({path: text.encode() for path, text in files.items()}))
    place = caught.value.location
    assert (place.file, place.line, place.column) == (name, files[name].count("\n"), 5)


@pytest.mark.parametrize(
    "cookie",
    ["# -*- coding: latin-1 -*-", "# coding: utf-7", "#!/bin/sh\n# vim: fileencoding=shift_jis",
     "# coding: rot13", "# coding: no-such-codec"],
)  # fmt: skip
def test_code_is_utf_8_whatever_it_declares(cookie: str):
    [finding] = as_it_is_read("models/m/code.py", f"{cookie}\nX = 1\n".encode())
    assert finding.rule == "not-utf-8"


@pytest.mark.parametrize("head", ["", "# -*- coding: utf-8 -*-\n", "\ufeff"])
def test_code_in_utf_8(head: str):
    assert as_it_is_read("models/m/code.py", f"{head}X = '\u8868'\n".encode()) == []


def test_bytes_that_are_no_utf_8_have_a_line():
    [finding] = as_it_is_read("models/m/code.py", b"a\nb = '\xff'\n")
    assert (finding.rule, finding.location.line) == ("not-utf-8", 2)
