"""`mergeline reproduce`, for real: a run, its record, a fresh clone, another number of threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from promotion.rebuild_world import Clone, released

MODELS = ("breast-cancer-diagnosis", "diabetes-progression", "payment-fraud")
# The issue of a rebuild is the training; what the command adds to it is bounded.
OVERHEAD_SECONDS = 20


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory) -> Clone:
    return released(tmp_path_factory.mktemp("released") / "one", "diabetes-progression")


@pytest.fixture
def clone(diabetes: Clone, tmp_path: Path) -> Clone:
    """A copy to change, its registry left behind."""
    return diabetes.elsewhere(tmp_path / "another" / "place")


@pytest.mark.parametrize("model", MODELS)
def test_a_reference_model_is_equal_in_a_fresh_clone_with_other_threads(model, tmp_path):
    made = released(tmp_path / "one", model)
    fresh = made.elsewhere(tmp_path / "another" / "place")
    code, answer = fresh.reproduce(OMP_NUM_THREADS="2", PYTHONHASHSEED="2")
    assert (code, answer["outcome"], answer["differing"]) == (0, "equal", []), answer
    assert answer["fields"] > 15
    assert answer["pipeline_seconds"] > 0
    assert answer["seconds"] - answer["pipeline_seconds"] < OVERHEAD_SECONDS
    assert not (fresh.root / ".mergeline/cache").exists()
