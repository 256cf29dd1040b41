"""The threat model names a test for each attack, and each attack that is tested."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_attack_is_on_the_page_and_every_test_on_the_page_is_there():
    page = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    attacks = ast.parse((ROOT / "tests/loop/test_attacks.py").read_text(encoding="utf-8"))
    tests = {
        node.name
        for node in attacks.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert set(re.findall(r"`(test_\w+)`", page)) == tests
    files = set(re.findall(r"`(tests/\w+/\w+[.]py)`", page))
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []
