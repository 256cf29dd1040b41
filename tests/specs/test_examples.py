"""Each rule has a good and a bad example; what is said of the bad one is asserted whole.

`examples/base` is a small repository without a fault. An example lays its few files over it;
`findings.json` holds every finding in full.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from example_findings import EXAMPLES, RULES, findings_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_base_is_without_a_fault(tmp_path: Path):
    assert findings_of(tmp_path, EXAMPLES / "base") == []


@pytest.mark.parametrize("rule", RULES)
def test_good(rule: str, tmp_path: Path):
    assert findings_of(tmp_path, EXAMPLES / "base", EXAMPLES / rule / "good") == []


@pytest.mark.parametrize("rule", RULES)
def test_bad(rule: str, tmp_path: Path):
    expected = json.loads((EXAMPLES / rule / "findings.json").read_text())
    found = findings_of(tmp_path, EXAMPLES / "base", EXAMPLES / rule / "bad")
    assert found == expected
    assert rule in {finding["rule"] for finding in found}
