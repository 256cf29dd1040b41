"""The digest of a release: what it covers, and what it leaves out."""

from __future__ import annotations

import copy

import pytest
from tests.plan.workbench import release

from mergeline.promotion.record import release_digest


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("training", "run_id", "another"),
        ("training", "seconds", 12.5),
        ("artifact", "uri", "models:/m-2"),
        ("environment", "cpu", "another"),
    ],
)
def test_where_it_ran_and_how_long_it_took_are_not_covered(section, key, value):
    record = release("0.1.0")
    other = copy.deepcopy(record)
    other[section][key] = value
    assert release_digest(other) == release_digest(record)


def test_what_it_was_trained_with_is_covered():
    record = release("0.1.0")
    other = copy.deepcopy(record)
    other["training"]["random_seed"] = 2
    assert release_digest(other) != release_digest(record)
