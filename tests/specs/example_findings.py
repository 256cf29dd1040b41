"""What is found in an example; also called in another environment, without pytest."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

from mergeline.specs.check import check
from mergeline.specs.facts import facts_of
from mergeline.specs.shared import check_shared
from mergeline.specs.teams import TEAMS, check_owners, known_teams
from mergeline.specs.tree import WorkingTree

EXAMPLES = Path(__file__).parent / "examples"
RULES = sorted(path.name for path in EXAMPLES.iterdir() if path.name != "base")


def findings_of(root: Path, *layers: Path) -> list[dict]:
    for layer in layers:
        shutil.copytree(layer, root, dirs_exist_ok=True)
    repository, findings = check(WorkingTree(root))
    facts = {name: facts_of(each) for name, each in repository.models.items()}
    findings += check_shared(facts, WorkingTree(root))
    listed = root / TEAMS
    teams = known_teams(listed.read_bytes() if listed.is_file() else None)
    owners = {name: each.owners for name, each in facts.items()}
    findings += [] if teams is None else check_owners(owners, teams)
    return [
        {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "message": finding.message,
            **asdict(finding.location),
            "hint": finding.hint,
        }
        for finding in findings
    ]
