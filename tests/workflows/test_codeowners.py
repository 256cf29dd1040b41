"""Who owns which path, as GitHub reads the generated CODEOWNERS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from mergeline.devforge.codeowners import owners_of, read_codeowners
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.workflows import CODEOWNERS, find_templates, render, values_of

from .conftest import ROOT
from .test_values import edit

if TYPE_CHECKING:
    from pathlib import Path

PLATFORM = ("@mergeline/ml-platform",)
PAYMENTS = ("@mergeline/team-payments",)
RISK = ("@mergeline/ml-risk",)
BOTH = PAYMENTS + RISK
MODEL = "models/payment-fraud"
ASKED = {
    "approvals_from": {
        "staging": {"low": [], "medium": [], "high": []},
        "production": {"low": [], "medium": [], "high": ["owner", "ml-risk"]},
    }
}
OWNED = [
    (f"{MODEL}/model.yaml", PAYMENTS, PAYMENTS),
    (f"{MODEL}/features.py", PAYMENTS, PAYMENTS),
    (f"{MODEL}/environments/staging.yaml", PAYMENTS, PAYMENTS),
    (f"{MODEL}/environments/production.yaml", PAYMENTS, BOTH),
    (f"{MODEL}/evaluation.yaml", PAYMENTS, RISK),
    (f"{MODEL}/monitoring.yaml", PAYMENTS, RISK),
    (f"{MODEL}/releases/1.0.0.yaml", PAYMENTS, PAYMENTS),
    *(
        (path, PLATFORM, PLATFORM)
        for path in (
            "models/a-new-one/model.yaml",
            "policies/data.yaml",
            "policies/model/data.rego",
            "waivers/move.yaml",
            "pipelines/classification.yaml",
            "pipelines/workflows/shared.j2",
            ".github/CODEOWNERS",
            ".github/workflows/apply.yml",
            "requirements/runtime.txt",
            "schemas/Model.schema.json",
            "scripts/set-up",
            "pyproject.toml",
            "README.md",
        )
    ),
]


def rendered(root: Path, tunables: dict) -> str:
    values, findings = values_of(load_repository(WorkingTree(root)), tunables)
    assert findings == []
    return render(find_templates(root), values)[CODEOWNERS]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "plain", "asked"), OWNED, ids=[path for path, *_ in OWNED])
def test_each_path_has_its_owners(path: str, plain: tuple[str, ...], asked: tuple[str, ...]):
    for tunables, wanted in (({}, plain), (ASKED, asked)):
        assert owners_of(read_codeowners(rendered(ROOT, tunables)), path) == wanted


def test_a_lower_risk_asks_for_its_own_teams(copy: Path):
    edit(copy, "model.yaml", lambda spec: spec.update(risk="medium"))
    lines = read_codeowners(rendered(copy, ASKED))
    assert owners_of(lines, f"{MODEL}/environments/production.yaml") == PAYMENTS


def test_nothing_of_a_model_comes_after_what_the_platform_owns():
    paths = [
        line.split()[0] for line in rendered(ROOT, ASKED).splitlines() if line[:1] in ("*", "/")
    ]
    of_models = [n for n, path in enumerate(paths) if path.startswith("/models/")]
    assert of_models == list(range(1, len(of_models) + 1))
    assert len(paths) > len(of_models) + 2


@pytest.mark.parametrize("team", ["ml risk", "x\n* @evil/all", "@acme/risk", ""])
def test_a_hostile_team_is_found_and_reaches_no_owner(team: str):
    tunables = {"approvals_from": {"production": {"high": [team]}}}
    values, findings = values_of(load_repository(WorkingTree(ROOT)), tunables)
    assert {finding.rule for finding in findings} == {"workflow-owner"}
    assert findings[0].location.file == "policies/data.yaml"
    assert "payment-fraud" not in render(find_templates(ROOT), values)[CODEOWNERS]


def test_the_command_reads_the_teams_from_the_policies(copy: Path, mergeline):
    (copy / "policies/data.yaml").write_text(yaml.safe_dump({"organization": ASKED}))
    assert mergeline("-C", copy, "workflows").returncode == 0
    assert f"/{MODEL}/evaluation.yaml @mergeline/ml-risk\n" in (copy / CODEOWNERS).read_text()
