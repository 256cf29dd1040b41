"""`--format sarif` of whole commands, on a real repository."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from mergeline.cli import main

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests/report/data/sarif-2.1.0-rtm.5.json").read_text())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for folder in ("models/breast-cancer-diagnosis", "pipelines", "policies", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def log_of(capsys):
    log = json.loads(capsys.readouterr().out)
    assert list(Draft4Validator(SCHEMA).iter_errors(log)) == []
    return log["runs"][0]


def edit(repository: Path, file: str, before: str, after: str) -> None:
    path = repository / "models/breast-cancer-diagnosis" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_a_sound_repository_is_a_run_without_errors(repository, capsys):
    assert main(["-C", str(repository), "validate", "--format", "sarif"]) == 0
    run = log_of(capsys)
    assert {one["level"] for one in run["results"]} <= {"warning"}
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == f"{repository.as_uri()}/"


def test_mistakes_and_policies_are_results_with_their_rules(repository, capsys):
    edit(repository, "training.yaml", "random_seed:", "random_sed:")
    assert main(["-C", str(repository), "validate", "--format", "sarif"]) == 1
    run = log_of(capsys)
    assert {one["ruleId"] for one in run["results"]} == {"unknown-key", "missing-key"}
    [place] = run["results"][0]["locations"]
    file = place["physicalLocation"]["artifactLocation"]["uri"]
    assert file == "models/breast-cancer-diagnosis/training.yaml"


def test_a_policy_is_described_by_its_metadata(repository, capsys):
    edit(repository, "model.yaml", "runbook:", "dashboards:")
    edit(repository, "model.yaml", "dashboards:", "# runbook:")
    assert main(["-C", str(repository), "validate", "--format", "sarif"]) == 1
    run = log_of(capsys)
    [rule] = [one for one in run["tool"]["driver"]["rules"] if one["id"] == "runbook-missing"]
    assert rule["shortDescription"]["text"] == "A model of high risk has a runbook"
    assert rule["properties"]["tags"] == ["mergeline.model", "practice-8"]


@pytest.mark.slow
def test_fingerprints_outlive_a_moved_line(repository, capsys):
    edit(repository, "training.yaml", "random_seed:", "random_sed:")
    prints = []
    for _ in range(2):
        assert main(["-C", str(repository), "validate", "--format", "sarif"]) == 1
        results = log_of(capsys)["results"]
        prints.append([one["partialFingerprints"] for one in results])
        edit(repository, "training.yaml", "kind:", "# A comment that moves all lines.\nkind:")
    assert prints[0] == prints[1]


@pytest.mark.slow
def test_other_formats_load_nothing_of_it(repository):
    code = (
        "import sys; from mergeline.cli import main\n"
        "main(['-C', sys.argv[1], 'validate', '--no-cache', '--format', 'json'])\n"
        "print([name for name in sys.modules if name.endswith(('sarif', 'catalogue', 'metadata'))"
        " and name.startswith('mergeline')], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, str(repository)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stderr.splitlines()[-1] == "[]"
