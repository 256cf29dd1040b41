from __future__ import annotations

import json

import pytest
from prove_builtins import NO_CASES, PRODUCT, prove

from mergeline.policy.builtins import builtins


@pytest.mark.slow
@pytest.mark.opa
def test_the_proof_still_holds(opa):
    assert tried(prove(opa)) == tried(json.loads(PRODUCT.read_text(encoding="utf-8")))


def tried(proof):
    """Without the builtins that have no cases: other versions of OPA have others."""
    refused = {name: why for name, why in proof["refused"].items() if why != NO_CASES}
    return {**proof, "refused": refused}


def test_each_bound_is_needed():
    """A bound whose cases beyond it no longer differ should be lifted."""
    content = json.loads(PRODUCT.read_text(encoding="utf-8"))
    assert [name for name, one in content["bounded"].items() if one["differs"] is None] == []


def test_the_known_traps_are_refused():
    traps = {"time.parse_rfc3339_ns", "json.match_schema", "net.cidr_contains", "http.send"}
    assert traps | {"semver.compare", "rand.intn"} <= set(builtins().refused)
