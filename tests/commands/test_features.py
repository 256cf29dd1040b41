"""The feature repository as text; tests/pipeline/test_feast.py gives it to Feast."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest

from mergeline.cli import main

BASE = Path(__file__).parents[1] / "specs/examples/base"
OTHER = Path(__file__).parents[1] / "specs/examples/shared-feature-version/good/models"
HOSTILE = 'x\'); import os; os.abort()  # """ {number} \\ \n\u2019 é'
CALLS = {
    "Entity",
    "FeatureService",
    "FeatureView",
    "Field",
    "FileSource",
    "on_demand_feature_view",
    "timedelta",
    # In the body of a transform.
    "DataFrame",
    "Series",
    "astype",
    "function",
    "reset_index",
    "to_numpy",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "repository")
    return tmp_path / "repository"


def export(root: Path, *arguments: str) -> int:
    return main(["-C", str(root), "features", "export", "--output", "out", *arguments])


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def definitions(root: Path) -> str:
    return (root / "out/mergeline_features.py").read_text()


def constants(text: str) -> set[object]:
    nodes = ast.walk(ast.parse(text))
    return {node.value for node in nodes if isinstance(node, ast.Constant)}


def test_equal_specs_give_equal_files_and_the_settings_stay(root: Path, capsys):
    assert export(root) == 0
    files = {path: path.read_bytes() for path in (root / "out").rglob("*") if path.is_file()}
    assert sorted(path.name for path in files) == [
        "churn__customers.py",
        "feature_store.yaml",
        "mergeline_features.py",
    ]
    settings = root / "out/feature_store.yaml"
    settings.write_text("project: ours\n")
    assert export(root) == 0
    assert settings.read_text() == "project: ours\n"
    settings.write_bytes(files[settings])
    assert {path: path.read_bytes() for path in files} == files
    assert "note: churn: given as inputs, as the model itself does the rest: spend" in (
        capsys.readouterr().out
    )


def test_what_specs_say_is_never_code(root: Path):
    shown = json.dumps(HOSTILE)
    edit(root, "models/churn/data.yaml", "name: monthly_spend", f"name: {shown}")
    edit(root, "models/churn/features.yaml", "[monthly_spend]", f"[{shown}]")
    edit(
        root,
        "models/churn/features.yaml",
        "  - name: tenure\n",
        f"  - name: tenure\n    description: {shown}\n",
    )
    edit(root, "models/churn/data.yaml", "column: monthly_spend", f"column: {shown}")
    edit(root, "models/churn/data.yaml", "plan, monthly_spend", f"plan, {shown}")
    edit(root, "models/churn/evaluation.yaml", ": monthly_spend", f": {shown}")
    assert export(root) == 0
    text = definitions(root)
    assert text.isascii()
    assert HOSTILE in constants(text)
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    named = {one.id if isinstance(one, ast.Name) else one.attr for one in calls}
    assert named <= CALLS


def test_keys_and_moments_are_those_of_the_data(root: Path, capsys):
    edit(
        root,
        "models/churn/data.yaml",
        "    columns:",
        "    join_keys: [plan]\n    event_timestamp: since\n    columns:",
    )
    assert export(root) == 0
    assert "join_keys=['plan']" in definitions(root)
    assert "numbered" not in capsys.readouterr().out


def test_a_shared_feature_is_one_view(root: Path):
    shutil.copytree(OTHER / "churn-eu", root / "models/churn-eu")
    assert export(root, "--model", "churn-eu") == 0
    text = definitions(root)
    assert text.count("name='churn__spend'") == 1
    assert "churn_eu__spend" not in text
    assert "name='churn_eu__tenure'" in text


def test_names_that_feast_does_not_tell_apart_are_refused(root: Path, capsys):
    edit(root, "models/churn/features.yaml", "name: tenure", "name: Spend")
    edit(root, "models/churn/features.yaml", "python, function: customers.py:tenure", "passthrough")
    for path in (root / "models/churn").glob("*.yaml"):
        path.write_text(path.read_text().replace("feature: tenure", "feature: spend"))
    assert export(root) == 1
    assert "Feast does not tell upper from lower case" in capsys.readouterr().err
    assert not (root / "out").exists()


def test_what_is_wrong_is_refused_before_anything_is_written(root: Path, capsys):
    assert export(root, "--model", "chrun") == 2
    assert 'did you mean "churn"' in capsys.readouterr().err
    (root / "out").mkdir()
    (root / "out/mergeline_features.py").write_text("mine = 1\n")
    assert export(root) == 1
    assert "was not written by this command" in capsys.readouterr().err
    assert definitions(root) == "mine = 1\n"
    edit(root, "models/churn/features.yaml", "[monthly_spend]", "[monthly_spent]")
    assert export(root) == 1
    assert "mergeline validate churn" in capsys.readouterr().err
