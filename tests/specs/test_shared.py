"""What models have in common: who is told, and what is a contradiction."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from mergeline.specs.facts import Facts, facts_of, read_facts
from mergeline.specs.repository import load_repository
from mergeline.specs.shared import check_shared
from mergeline.specs.tree import WorkingTree

BASE = Path(__file__).parent / "examples/base"
OTHER = "b" * 64


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    for name in ("b", "c"):
        folder = tmp_path / "models" / name
        shutil.copytree(BASE / "models/churn", folder)
        shutil.rmtree(folder / "releases")
        shutil.rmtree(folder / "environments")
        edit(tmp_path, name, "model.yaml", "name: churn", f"name: {name}")
    return tmp_path


def edit(root: Path, model: str, file: str, old: str, new: str) -> None:
    path = root / "models" / model / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def facts(root: Path, *names: str) -> dict[str, Facts]:
    models = load_repository(WorkingTree(root), names or None).models
    return {name: facts_of(model) for name, model in models.items()}


def found(root: Path, *only: str) -> list[tuple[str, str, int]]:
    return [
        (each.rule, each.location.file, each.location.line)
        for each in check_shared(facts(root), WorkingTree(root), only)
    ]


def test_models_that_agree_are_not_told_anything(root: Path):
    assert len(facts(root)) == 3
    assert found(root) == []


def test_the_one_that_differs_from_most_is_told(root: Path):
    edit(root, "b", "data.yaml", "a" * 64, OTHER)
    assert found(root) == [("shared-dataset-differs", "models/b/data.yaml", 6)]
    assert found(root, "c") == []
    assert found(root, "b") == found(root)


def test_another_digest_may_have_other_columns(root: Path):
    edit(root, "b", "data.yaml", "a" * 64, OTHER)
    edit(root, "b", "data.yaml", ", pii: true", "")
    edit(root, "b", "data.yaml", "since, type: datetime64", "since, type: string")
    assert [rule for rule, _, _ in found(root)] == ["shared-dataset-differs"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", pii: true", "", '"email" of the dataset "customers" is not marked'),
        ("plan, type: string", "plan, type: int64", '"plan" is int64 here and string there'),
        ("name: plan,", "name: tariff,", '"tariff" is not there'),
    ],
)
def test_the_same_digest_may_not(root: Path, old: str, new: str, said: str):
    edit(root, "b", "data.yaml", old, new)
    [finding] = check_shared(facts(root), WorkingTree(root))
    assert finding.rule == "shared-columns-differ"
    assert said in finding.message
    line = (root / finding.location.file).read_text().splitlines()[finding.location.line - 1]
    assert said.split('"')[1] in line


def test_a_column_that_is_missing_is_told_where_the_columns_begin(root: Path):
    text = (root / "models/b/data.yaml").read_text()
    gone = next(line for line in text.splitlines() if "name: plan," in line)
    edit(root, "b", "data.yaml", gone + "\n", "")
    [finding] = check_shared(facts(root), WorkingTree(root))
    assert '"plan" is missing here' in finding.message
    line = text.splitlines()[finding.location.line - 1]
    assert line.strip() == "columns:"


def test_on_other_data_it_is_another_feature(root: Path):
    """Two models made of two tables both have "numbers"."""
    edit(root, "b", "features.yaml", "with_mean: true", "with_mean: false")
    assert [each[0] for each in found(root)] == ["shared-feature-differs"]
    edit(root, "b", "data.yaml", "name: customers", "name: others")
    edit(root, "b", "data.yaml", "a" * 64, OTHER)
    assert found(root) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "differs"),
    [
        ("features.yaml", "with_mean: true", "with_mean: false", True),
        ("features.yaml", "name: spend\n", "name: spend\n    dtype: int64\n", True),
        ("features.yaml", "name: spend\n", "name: spend\n    description: other\n", False),
        ("customers.py", "Return the days since", "Return the time since", False),
        ("customers.py", "raise NotImplementedError\n\n\n", "raise ValueError\n\n\n", False),
        ("customers.py", "came.", 'came."""\n    return frame["since"] + 1\n    """', True),
    ],
)
def test_a_feature_is_what_it_is_made_by(root: Path, file: str, old: str, new: str, *, differs):
    edit(root, "b", file, old, new)
    rules = [("shared-feature-differs", "models/b/features.yaml")] if differs else []
    assert [each[:2] for each in found(root)] == rules


@pytest.mark.parametrize(
    ("old", "new"),
    [("version: 1", "version: 2"), ("owner: team-growth", "owner: team-b"), ("spend", "outlay")],
)
def test_another_version_owner_or_name_is_another_feature(root: Path, old: str, new: str):
    edit(root, "b", "features.yaml", "with_mean: true", "with_mean: false")
    edit(root, "b", "features.yaml", old, new)
    assert found(root) == []


def test_others_are_read_only_if_they_name_the_same(root: Path):
    edit(root, "c", "data.yaml", "name: customers", "name: else")
    for feature in ("spend", "tenure"):
        edit(root, "c", "features.yaml", f"name: {feature}", f"name: {feature[:3]}")
    edit(root, "c", "data.yaml", "monthly_spend, type", "monthly, type")
    known = facts(root, "churn")
    assert set(read_facts(WorkingTree(root), ["b"], known)) == {"b"}
    shutil.rmtree(root / "models/b")
    assert read_facts(WorkingTree(root), ["b"], known) == {}


def test_thousands_that_share_are_compared_in_a_moment(root: Path):
    edit(root, "b", "data.yaml", ", pii: true", "")
    [alike, other] = [facts(root)[name] for name in ("c", "b")]
    many = {f"m{number:04d}": alike for number in range(4000)} | {"b": other}
    begun = time.process_time()
    assert len(check_shared(many, WorkingTree(root))) == 1
    assert time.process_time() - begun < 2
