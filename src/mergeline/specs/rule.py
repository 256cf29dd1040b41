"""What a rule means, in words: the rows that `explain`, the reference and SARIF are made of.

Each floor keeps the rows of the rules that its code gives to findings in a `rules.yaml` beside
that code. Nothing of this is read unless somebody asks what a rule means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.findings import Severity
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLE = "rules.yaml"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule, explained.

    Attributes:
        id: what findings call it, in kebab-case.
        source: who says it: a floor of the engine (`specs`), or a policy package.
        title: one line, without a full stop.
        meaning: what is wrong when it is found, and why that matters.
        hint: how to fix it.
        severity: of its findings.
        arises: the commands that find it, or the moment they do.
        file: the spec that the examples are of; None: told by the examples themselves.
        bad: an example that it finds.
        good: the same without fault.
        shared: does another source (a floor or a policy) give the same id, on purpose?
        practice: the number of the MLOps practice that it serves; policies have one.
        owner: the team that answers for it; policies have one.
        origin: the file that it is written in; policies have one.
    """

    id: str
    source: str
    title: str
    meaning: str
    hint: str
    arises: str
    severity: Severity = Severity.ERROR
    file: str | None = None
    bad: str | None = None
    good: str | None = None
    shared: bool = False
    practice: int | None = None
    owner: str | None = None
    origin: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the rule for programs, every field present."""
        return {**msgspec.to_builtins(self), "severity": str(self.severity)}


def read_table(path: Path) -> list[Rule]:
    """Read the rules of a floor from its table.

    The table names its `source` and how its rules usually arise, then has under `rules` a
    mapping from id to the other fields.
    """
    document, findings = parse(path.name, path.read_bytes())
    if document is None:
        raise ValueError(f"{path}: {findings[0].message} ({findings[0].location})")
    table = document.value
    return list(_rows(table["source"], table["arises"], table["rules"]))


def _rows(source: str, arises: str, rows: dict[str, dict[str, Any]]) -> Iterator[Rule]:
    for name, row in rows.items():
        fields = {"arises": arises, **row, "id": name, "source": source}
        yield msgspec.convert(fields, Rule, strict=True)
