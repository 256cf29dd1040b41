"""The schedule of a retraining is what GitHub takes for cron, told where it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mergeline.specs.check import check
from mergeline.specs.tree import WorkingTree

BASE = Path(__file__).parent / "examples/base"


def findings(root: Path, schedule: str) -> list[tuple[str, int]]:
    shutil.copytree(BASE, root, dirs_exist_ok=True)
    path = root / "models/churn/monitoring.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    trigger = f'    - {{on: schedule, reason: New contracts begin then., schedule: "{schedule}"}}'
    path.write_text("\n".join([*lines, "retraining:", "  triggers:", trigger, ""]))
    _, found = check(WorkingTree(root))
    return [(each.rule, each.location.line - len(lines)) for each in found]


@pytest.mark.parametrize(
    "schedule", ["0 3 * * 1", "*/15 0-6,20 1,15 JAN-MAR MON-FRI", "59 23 31 12 6"]
)
def test_what_github_reads(tmp_path: Path, schedule: str):
    assert findings(tmp_path, schedule) == []


WRONG = ["monthly", "@daily", "60 3 * * 1", "0 24 * * *", "0 3 0 * *", "0 3 * 13 *", "0 3 * * 7"]
SHAPELESS = ["0 3 * *", "0 3 * * * *", "*/0 * * * *", ""]


@pytest.mark.parametrize("schedule", WRONG + SHAPELESS)
def test_what_it_does_not(tmp_path: Path, schedule: str):
    assert findings(tmp_path, schedule) == [("invalid-value", 3)]
