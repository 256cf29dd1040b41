"""A model card as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from mergeline.report.card.blocks import (
    Code,
    Facts,
    Gallery,
    Items,
    Link,
    Mark,
    Note,
    Picture,
    Table,
    Text,
)
from mergeline.report.card.sections import sections_of, standing_text
from mergeline.report.markdown import cell, escaped, finding_line, fold, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.audit.card import Card
    from mergeline.report.card.blocks import Block, Cell
    from mergeline.report.evidence import Evidence

_MARKS = {True: "✅ met", False: "❌ **not met**", None: "none set"}
# An address that Markdown takes between < and > as it is.
_WEB = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9./?#:=&%_~+,;-]*", re.ASCII)


def card_markdown(card: Card, evidence: Evidence | None) -> str:
    """Return a card as Markdown; pictures are for the page alone.

    Args:
        card: what is known.
        evidence: what of it was measured; None: it was not read.
    """
    release, model = card.release, card.specs.model
    parts = [f"# Model card: {escaped(release.name)} {escaped(release.version)}"]
    if card.findings:
        lines = "\n".join(finding_line(one) for one in card.findings)
        parts.append(f"> ❌ **This card rests on things that contradict each other:**\n\n{lines}")
    if model is not None:
        parts.append(escaped(model.description))
    parts.append(escaped(standing_text(card)))
    for section in sections_of(card, evidence):
        parts.append(f"## {section.title}")
        parts += [text for block in section.blocks if (text := _block(block))]
    return "\n\n".join(parts)


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return escaped(text)
        case Note(text):
            return f"> ⚠️ {escaped(text)}"
        case Items(title, items):
            lines = "\n".join(f"- {escaped(one)}" for one in items)
            return f"**{escaped(title)}**\n\n{lines}"
        case Facts(caption, rows):
            lines = "\n".join(f"| {_cell(name)} | {_cell(one)} |" for name, one in rows)
            return f"| {_cell(caption)} | |\n| --- | --- |\n{lines}"
        case Table():
            return _table(block)
        case Picture() | Gallery():
            return ""
        case _:
            assert_never(block)


def _table(block: Table) -> str:
    header = [_cell(name) for name in block.header]
    rows = [[_cell(one) for one in row] for row in block.rows]
    lines = table(header, rows).split("\n")
    lines[1] = _rule(block.numbers, len(header))
    text = "\n".join(lines)
    if block.folded:
        return fold(_html(block.caption), text)
    return f"**{escaped(block.caption)}**\n\n{text}"


def _rule(numbers: frozenset[int], count: int) -> str:
    rules: Sequence[str] = ["---:" if place in numbers else "---" for place in range(count)]
    return f"| {' | '.join(rules)} |"


def _html(text: str) -> str:
    """Return text inside of HTML, where a word that GitHub would make a link of stands as code."""
    from html import escape

    from mergeline.report.markdown import html_code

    return escape(text) if re.fullmatch(r"[A-Za-z0-9 ,.':-]+", text) else html_code(text)


def _cell(one: Cell) -> str:
    match one:
        case Code(text):
            return cell(text)
        case Link(url):
            return f"<{url}>" if _WEB.fullmatch(url) else cell(url)
        case Mark(met):
            return _MARKS[met]
        case _:
            return escaped(one, in_cell=True)
