"""Rules explained for a terminal."""

from __future__ import annotations

from textwrap import fill, indent
from typing import TYPE_CHECKING

from mergeline.report.catalogue import PRACTICES, by_source, help_uri
from mergeline.report.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.specs.rule import Rule

_WIDTH = 96


def explained_text(rules: Sequence[Rule]) -> str:
    """Return what rules of one id mean, one after the other."""
    parts = ["\n".join(_lines(rule)) for rule in rules]
    return "\n\n".join([*parts, f"more: {help_uri(rules[0].id)}"])


def listed_text(rules: Sequence[Rule]) -> str:
    """Return a line for each rule, below the source that it comes from."""
    widest = max(len(rule.id) for rule in rules)
    groups = []
    for source, own in by_source(rules).items():
        lines = [f"{rule.id:<{widest}}  {printable(rule.title)}" for rule in own]
        groups.append(f"{source}: {own[0].arises}\n" + indent("\n".join(lines), "  "))
    return "\n\n".join([*groups, "mergeline explain RULE tells more"])


def _lines(rule: Rule) -> Iterator[str]:
    yield f"{rule.severity}[{rule.id}]: {printable(rule.title)}"
    yield f"  --> {rule.origin or rule.source}, found by: {rule.arises}"
    if rule.practice is not None:
        named = PRACTICES.get(rule.practice, "another practice")
        yield f"   = practice {rule.practice}: {named}"
    if rule.owner is not None:
        yield f"   = owner: {printable(rule.owner)}"
    yield f"   = help: {printable(rule.hint)}"
    yield ""
    yield fill(printable(rule.meaning), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    for word, example in (("bad", rule.bad), ("good", rule.good)):
        if example is not None:
            yield ""
            yield f"  {word}{f' ({rule.file})' if rule.file else ''}:"
            yield indent(printable(example.rstrip()), "      ")
