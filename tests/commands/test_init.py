"""`mergeline init`: what it lays down passes its own checks, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from mergeline import __version__, cli
from mergeline.specs.kinds import ALL_KINDS
from mergeline.specs.tree import WorkingTree
from mergeline.specs.writing import schema_path

ROOT = Path(__file__).parents[2]
KIND = re.compile(r"^kind: (\w+)$", re.M)
SCHEMA = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.M)


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    assert cli.main(["init", str(tmp_path / "models-of-ours")]) == 0
    return tmp_path / "models-of-ours"


def test_a_new_repository_passes_its_own_checks(laid: Path, capsys):
    capsys.readouterr()
    assert cli.main(["-C", str(laid), "validate"]) == 0
    assert capsys.readouterr().out == "0 models checked: no findings\n"
    assert cli.main(["-C", str(laid), "workflows", "--check"]) == 0


def test_it_is_a_git_repository_on_the_branch_that_was_asked_for(tmp_path: Path):
    assert cli.main(["-C", str(tmp_path), "init", "--branch", "trunk"]) == 0
    head = (tmp_path / ".git/HEAD").read_text()
    assert head == "ref: refs/heads/trunk\n"
    assert "trunk" in (tmp_path / ".github/workflows/pull-request.yml").read_text()


def test_a_folder_of_a_clone_that_is_there_gets_no_second_one(tmp_path: Path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert cli.main(["init", str(tmp_path)]) == 0
    assert cli.main(["init", str(tmp_path / "below")]) == 0
    assert not (tmp_path / "below/.git").exists()


def test_owners_are_those_that_were_named(tmp_path: Path):
    flags = ["--organization", "acme", "--platform-team", "platform"]
    assert cli.main(["init", str(tmp_path), *flags]) == 0
    assert "* @acme/platform\n" in (tmp_path / ".github/CODEOWNERS").read_text()


def test_a_real_team_soaks_and_asks_the_owner_where_there_are_teams(laid: Path, tmp_path: Path):
    numbers = yaml.safe_load((laid / "policies/data.yaml").read_text())["organization"]
    assert numbers["soak"] == {"production": {"low": "24h", "medium": "24h", "high": "72h"}}
    assert numbers["approvals_from"]["production"] == {"low": [], "medium": [], "high": []}
    assert "permission-members" not in (laid / ".github/workflows/apply.yml").read_text()

    acme = tmp_path / "acme"
    assert cli.main(["init", str(acme), "--organization", "acme"]) == 0
    of_acme = yaml.safe_load((acme / "policies/data.yaml").read_text())["organization"]
    asked = {"low": [], "medium": ["owner"], "high": ["owner"]}
    assert of_acme["approvals_from"]["production"] == asked
    assert {key for key in numbers if numbers[key] != of_acme[key]} == {"approvals_from"}
    assert "permission-members: read" in (acme / ".github/workflows/apply.yml").read_text()
    assert cli.main(["-C", str(acme), "workflows", "--check"]) == 0


@pytest.mark.parametrize("flags", [["--organization", 'a"b'], ["--branch", "-x y"]])
def test_what_could_inject_is_refused(tmp_path: Path, flags: list[str]):
    assert cli.main(["init", str(tmp_path / "new"), f"{flags[0]}={flags[1]}"]) == 2
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten_and_nothing_else_written(tmp_path: Path, capsys):
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "policies").write_text("a file")
    assert cli.main(["init", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "\n  README.md\n" in said
    assert (tmp_path / "README.md").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "policies"]


def test_again_it_writes_nothing(laid: Path, capsys):
    before = {path: path.read_bytes() for path in laid.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert cli.main(["init", str(laid)]) == 0
    assert "wrote 0 files" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in laid.rglob("*") if path.is_file()} == before


def test_editors_find_every_schema(laid: Path):
    settings = json.loads((laid / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert len(settings) == len(ALL_KINDS)
    assert all((laid / path).is_file() for path in settings)
    for path, (pattern,) in settings.items():
        kind = path.removeprefix("schemas/").removesuffix(".schema.json")
        found = [KIND.findall(file.read_text()) for file in ROOT.glob(pattern)]
        assert all(each == [kind] for each in found)
        assert found or kind in ("Environment", "Release", "Waiver")
    for template in (laid / "pipelines").glob("*.yaml"):
        (line,) = SCHEMA.findall(template.read_text())
        assert (template.parent / line).resolve().is_file()


def test_files_written_later_point_to_the_schemas_that_are_there(laid: Path):
    assert schema_path("Release", 3, WorkingTree(laid)) == "../../../schemas/Release.schema.json"
    ours = "../../../src/mergeline/specs/schemas/Release.schema.json"
    assert schema_path("Release", 3, WorkingTree(ROOT)) == ours


def test_schemas_are_renewed_alone(laid: Path):
    (laid / "schemas/Model.schema.json").write_text("{}")
    (laid / "README.md").write_text("mine")
    assert cli.main(["-C", str(laid), "schema", "--all", "--output", "schemas"]) == 0
    assert json.loads((laid / "schemas/Model.schema.json").read_text())["title"] == "Model"
    assert (laid / "README.md").read_text() == "mine"


def test_the_released_engine_is_installed_with_hashed_dependencies(laid: Path):
    assert (laid / "requirements/mergeline.txt").read_text() == f"mergeline=={__version__}\n"
    lock = (laid / "requirements/runtime.txt").read_bytes()
    assert lock == (ROOT / "requirements/runtime.txt").read_bytes()
    script = laid / "scripts/set-up"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    steps = yaml.safe_load((laid / ".github/workflows/pull-request.yml").read_text())["jobs"]
    runs = [step.get("run", "") for job in steps.values() for step in job["steps"]]
    assert "scripts/set-up runtime" in runs


def hooks(path: Path) -> dict[str, str]:
    text = yaml.safe_load(path.read_text())
    rows = text if isinstance(text, list) else text["repos"][0]["hooks"]
    return {row["id"]: row["entry"] for row in rows}


@pytest.mark.slow
def test_hooks_run_and_fail_where_they_must(laid: Path):
    """The entries, as pre-commit would run them."""
    entries = hooks(laid / ".pre-commit-config.yaml")
    assert entries == hooks(ROOT / ".pre-commit-hooks.yaml")
    for entry in entries.values():
        assert cli.main(["-C", str(laid), *entry.split()[1:]]) == 0
    (laid / ".github/CODEOWNERS").write_text("")
    (laid / "models/broken").mkdir()
    (laid / "models/broken/model.yaml").write_text("kind: Model\n")
    for entry in entries.values():
        assert cli.main(["-C", str(laid), *entry.split()[1:]]) == 1
