"""Each rule has a good and a bad example; what is said of the bad one is asserted whole.

`examples/base` is a small repository without a fault. An example lays its few files over it;
`findings.json` holds every finding in full.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

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


def test_the_base_is_without_a_fault(tmp_path: Path):
    assert findings_of(tmp_path, EXAMPLES / "base") == []


@pytest.mark.parametrize("rule", RULES)
def test_good(rule: str, tmp_path: Path):
    assert findings_of(tmp_path, EXAMPLES / "base", EXAMPLES / rule / "good") == []


@pytest.mark.parametrize("rule", RULES)
def test_bad(rule: str, tmp_path: Path):
    expected = json.loads((EXAMPLES / rule / "findings.json").read_text())
    found = findings_of(tmp_path, EXAMPLES / "base", EXAMPLES / rule / "bad")
    assert found == expected
    assert rule in {finding["rule"] for finding in found}
