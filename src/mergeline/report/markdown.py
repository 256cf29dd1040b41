"""Markdown for GitHub in which nothing that a user wrote means anything.

What a user wrote stands in code: there Markdown, HTML, @mentions, #123 and links are letters.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from mergeline.report.plan_markdown import code, prose
from mergeline.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.findings import Finding

__all__ = ["cell", "code", "escaped", "finding_line", "fold", "html_code", "prose", "table"]

_LONGEST = 200
# What a renderer makes something of in plain text: mentions, issues, addresses, emoji, formulas.
_ALIVE = re.compile(r"[@$]|#[0-9]|://|www\.|GH-[0-9]|:[\w+-]*[a-z][\w+-]*:", re.IGNORECASE)
# An underscore between letters means nothing.
_MARK = re.compile(r"[\\`*\[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# What begins a heading, a list, a rule or a quotation, and is no mark elsewhere.
_START = re.compile(r"=|-{3}|(?:#+|[+-])(?=\s|$)|[0-9]+(?=[.)](?:\s|$))")


def cell(text: str) -> str:
    """Return text as code in a cell of a table, which a bare pipe would end."""
    return code(text).replace("|", "\\|")


def escaped(text: str, *, in_cell: bool = False) -> str:
    """Return text as prose in which each character is itself, on one line.

    Punctuation gets a backslash. A word that GitHub would make a link, a mention, a picture or a
    formula of, backslash or not, is set as code.
    """
    alive = cell if in_cell else code
    words = (
        alive(word) if _ALIVE.search(word) else _MARK.sub(r"\\\g<0>", word)
        for word in printable(text).split()
    )
    line = " ".join(words)
    # What would begin a heading or a list.
    start = _START.match(line)
    if start is None:
        return line
    place = start.end() if start[0].isdigit() else 0
    return f"{line[:place]}\\{line[place:]}"


def html_code(text: str) -> str:
    """Return text as code inside of HTML, where Markdown is not read: in a `<summary>`."""
    line = printable(text).replace("\n", "\\n").replace("\t", " ")
    return f"<code>{escape(line if len(line) <= _LONGEST else f'{line[: _LONGEST - 1]}…')}</code>"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are safe already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fold(summary: str, body: str) -> str:
    """Return a block that opens on a click.

    Args:
        summary: HTML, safe already.
        body: Markdown, safe already.
    """
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def finding_line(finding: Finding) -> str:
    """Return a finding as an item of a list, with its place and its hint."""
    line = f"- {code(f'{finding.severity}[{finding.rule}]')} {code(finding.message)}"
    place = f" at {code(str(finding.location))}"
    return f"{line}{place}; {code(finding.hint)}" if finding.hint else f"{line}{place}"
