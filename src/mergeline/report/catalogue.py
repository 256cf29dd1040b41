"""Every rule there is: those of the engine's floors, and those of a repository's policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import mergeline
from mergeline.specs.rule import TABLE, Rule, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.policy.library import PolicyLibrary

# In the order in which their rules can be met on the way to production.
_FLOORS = ("specs", "policy", "pipeline", "promotion", "audit", "workflows")
PAGE = "docs/reference/rules.md"
REPOSITORY = "https://github.com/mergeline/mergeline"
# What `practice` of a policy's METADATA counts.
PRACTICES = {
    1: "version everything, capture lineage",
    2: "reproducible environments and training",
    3: "standard pipelines",
    4: "CI/CD, and continuous training where it adds value",
    5: "tests for data, code, models and fairness",
    6: "registry and approval",
    7: "monitoring and drift",
    8: "safe deployment and rollback",
    9: "security and governance",
    10: "scale and cost",
}


def engine_rules() -> list[Rule]:
    """Return the rules of the engine itself, floor by floor."""
    return [rule for table in tables() for rule in read_table(table)]


def tables() -> list[Path]:
    """Return the tables of the floors that have rules."""
    package = Path(str(mergeline.__file__)).parent
    return [package / floor / TABLE for floor in _FLOORS]


def all_rules(library: PolicyLibrary | None) -> list[Rule]:
    """Return the engine's rules and, if there are policies, theirs.

    Raises:
        UsageError: a policy's METADATA cannot be read.
    """
    if library is None:
        return engine_rules()
    from mergeline.policy.metadata import rules_of

    return [*engine_rules(), *rules_of(library)]


def by_id(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Group rules by id: most have one meaning, some are said by two sources."""
    grouped: dict[str, list[Rule]] = {}
    for rule in rules:
        grouped.setdefault(rule.id, []).append(rule)
    return grouped


def by_source(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Group rules by their source, in the order in which sources come."""
    grouped: dict[str, list[Rule]] = {}
    for rule in rules:
        grouped.setdefault(rule.source, []).append(rule)
    return grouped


def help_uri(rule: str) -> str:
    """Return the address of a rule's words in the reference."""
    return f"{REPOSITORY}/blob/main/{PAGE}#{rule}"
