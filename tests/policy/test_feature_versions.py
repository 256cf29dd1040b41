"""A feature that is not what it was needs a version: judged between commits, by both engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.plan.workbench import Clone, edited, model_files, shared_files

from mergeline.git import GitRepository
from mergeline.policy.library import PolicyLibrary
from mergeline.promotion.judgement import judge_change
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
CODE = "RATE = 2\n\n\ndef doubled(frame):\n    return times(frame)\n\n\n"
CODE += "def times(frame):\n    return frame['age'] * RATE\n"
PYTHON = {
    "features.features.0.version": 3,
    "features.features.0.transform": {"type": "python", "function": "features.py:doubled"},
    "features.features.1.inputs": ["spend", "age"],
}
RAISED = {"model.version": "0.2.0"}
AGE, SPEND = "features.features.0", "features.features.1"


def files(edits: Mapping[str, Any], code: str) -> dict[str, bytes]:
    specs = edited({**PYTHON, **edits})
    return {**model_files(specs), "models/churn/features.py": code.encode()}


@pytest.fixture
def change(tmp_path: Path, make_engine: Any) -> Callable[..., list[tuple[str, str]]]:
    clone = Clone(tmp_path / "repository")
    base = clone.commit({**shared_files(), **files({}, CODE)}, "first")
    engine = make_engine(PolicyLibrary.load(WorkingTree(ROOT)))

    def judged(edits: Mapping[str, Any], code: str = CODE) -> list[tuple[str, str]]:
        """Change the model, and return the findings about features with their lines."""
        head = clone.commit(files(RAISED | dict(edits), code))
        found = judge_change(engine, GitRepository(clone.root), base, head, "churn")
        assert not [one for one in found if one.rule.startswith("version")]
        lines = (clone.root / "models/churn/features.yaml").read_text().splitlines()
        return [
            (one.rule, lines[one.location.line - 1].strip())
            for one in found
            if one.rule.startswith("feature-")
        ]

    return judged


def test_code_that_a_feature_reaches_counts_and_its_comments_do_not(change):
    assert change({}, CODE.replace("RATE = 2\n", "RATE = 2  # twice\n")) == []
    assert change({}, f"{CODE}\n\ndef other(frame):\n    return frame\n") == []
    assert change({}, CODE.replace("RATE = 2", "RATE = 3")) == [
        ("feature-version-not-raised", "version: 3")
    ]
    assert change({f"{AGE}.version": 4}, CODE.replace("RATE = 2", "RATE = 3")) == []


@pytest.mark.slow
def test_inputs_their_order_and_the_types_of_their_columns_count(change):
    for edits in (
        {f"{SPEND}.inputs": ["age", "spend"]},
        {f"{SPEND}.dtype": "int64"},
        {"data.datasets.0.columns.1.type": "int64"},
    ):
        assert change(edits) == [("feature-version-not-raised", "version: 1")]
        assert change({**edits, f"{SPEND}.version": 2}) == []


@pytest.mark.slow
def test_two_features_that_swap_their_names_are_both_changed(change):
    swapped = {f"{AGE}.name": "spend", f"{SPEND}.name": "age"}
    swapped |= {f"{AGE}.version": 1, f"{SPEND}.version": 3}
    assert sorted(change(swapped)) == [
        ("feature-version-not-raised", "version: 1"),
        ("feature-version-not-raised", "version: 3"),
    ]


@pytest.mark.slow
def test_a_version_only_goes_up_whatever_the_content(change):
    assert change({f"{AGE}.version": 2}) == [("feature-version-lowered", "version: 2")]
    assert change({f"{AGE}.version": 4}) == []
