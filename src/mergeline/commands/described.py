"""The rules that hold in a tree, described: those of the engine and of the tree's policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.policy.library import FOLDER, PolicyLibrary
from mergeline.report.catalogue import all_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.specs.rule import Rule
    from mergeline.specs.tree import Tree


def described_rules(tree: Tree, *, examples: bool = True) -> list[Rule]:
    """Return the engine's rules and those of the tree's policies, if it has any.

    Args:
        tree: the files.
        examples: look into the policies' tests for examples?

    Raises:
        ToolError: a policy cannot be read.
        UsageError: a policy's METADATA cannot be read.
    """
    has_policies = any(path.endswith(".rego") for path in tree.files(FOLDER))
    return all_rules(PolicyLibrary.load(tree, tests=examples) if has_policies else None)


def sarif_log(findings: Sequence[Finding], root: Path, tree: Tree) -> dict[str, Any]:
    """Return findings as a SARIF log, their rules described from the tree that judged them."""
    from mergeline.report.sarif import sarif

    return sarif(findings, described_rules(tree, examples=False), root)
