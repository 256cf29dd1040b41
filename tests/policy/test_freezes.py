"""A freeze that cannot be read stops everything, rather than nothing."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from mergeline.policy import PolicyLibrary
from mergeline.specs.tree import WorkingTree

ROOT = Path(__file__).parents[2]
# A promotion into production of which nothing but the moment matters here: other rules speak too.
PROMOTION = {"model": "loans", "environment": "production", "moment": "2024-09-12T12:00:00Z"}
FREEZE_RULES = {"frozen", "freeze-unreadable"}
WHOLE = {
    "from": "2024-09-01T00:00:00Z",
    "to": "2024-10-01T00:00:00Z",
    "environments": ["production"],
    "reason": "stocktaking",
    "by": "ada",
}


def ids(make_engine, *freezes):
    library = PolicyLibrary.load(WorkingTree(ROOT))
    data = copy.deepcopy(dict(library.data))
    data["organization"]["freezes"] = list(freezes)
    engine = make_engine(PolicyLibrary(library.modules, data))
    found = {one.id for one in engine.evaluate("mergeline.promotion", PROMOTION)}
    return found & FREEZE_RULES


@pytest.mark.slow
def test_a_freeze_holds_for_the_models_it_names(make_engine):
    assert ids(make_engine, WHOLE) == {"frozen"}
    assert ids(make_engine, WHOLE | {"models": ["loans"]}) == {"frozen"}
    assert ids(make_engine, WHOLE | {"models": ["others"]}) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        {"from": "2024-09-01"},
        {"to": None},
        {"to": "2024-10-01 00:00:00"},
        {"from": "2024-11-01T00:00:00Z"},
        {"environments": "production"},
        {"models": "loans"},
        {"reason": None},
        {"by": 7},
    ],
)
def test_a_freeze_that_cannot_be_read_stops_everything(make_engine, edit):
    assert "freeze-unreadable" in ids(make_engine, WHOLE | edit)


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(WHOLE))
def test_a_freeze_that_lacks_a_key_stops_everything(make_engine, key):
    freeze = {name: value for name, value in WHOLE.items() if name != key}
    assert "freeze-unreadable" in ids(make_engine, freeze)
