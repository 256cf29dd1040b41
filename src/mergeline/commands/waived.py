"""Puts the waivers between what validation finds and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mergeline.findings import in_order
from mergeline.policy.waivers import FOLDER, load_waivers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mergeline.commands.session import Session
    from mergeline.findings import Finding
    from mergeline.specs.tree import Tree


def waived(
    session: Session, policies: Tree, only: Collection[str], findings: Sequence[Finding]
) -> list[Finding]:
    """Apply the waivers beside the policies, and look at those of the work tree.

    Args:
        session: what the command works with.
        policies: the tree that holds the policies and the waivers in force.
        only: the names of the models that were looked at; empty: all.
        findings: what was found of them.

    Raises:
        ToolError: the policies cannot be read.
    """
    written = load_waivers(session.work_tree)
    in_force = written if policies is session.work_tree else load_waivers(policies)
    if not (written.files or written.findings or in_force.files):
        return list(findings)
    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.waiving import waiver_findings, with_waivers
    from mergeline.specs.repository import model_names

    library = PolicyLibrary.load(policies)
    looked_at = tuple(one for one in in_force.files if not only or one.spec.model in only)
    said = with_waivers(findings, replace(in_force, files=looked_at), library, session.clock())
    # Of a waiver that the change takes away, nothing is left to say.
    left = {one.document.file for one in written.files}
    kept = [
        finding
        for finding in said
        if not finding.location.file.startswith(f"{FOLDER}/") or finding.location.file in left
    ]
    return in_order([*kept, *waiver_findings(written, library, model_names(session.work_tree))])
