"""The reference of rules is what its tables and policies say, and each rule can be linked to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mergeline.report.catalogue import PAGE, by_id
from mergeline.report.rules_page import page_text, rules_of_repository
from mergeline.specs.rule import Rule

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rules():
    return rules_of_repository(ROOT)


def test_the_page_is_what_would_be_written_now(rules):
    written = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written == page_text(rules), "write it anew: python -m mergeline.report.rules_page"


def test_each_rule_has_one_heading(rules):
    headings = re.findall(r"^### (.+)$", page_text(rules), re.M)
    assert sorted(headings) == sorted(by_id(rules))


def test_words_of_a_policy_cannot_break_out_of_the_page():
    rule = Rule(
        id="odd",
        source="mergeline.model",
        title="A [link](http://example.com) <img src=x>",
        meaning="*bold* and `code`",
        hint="a_b",
        arises="validate",
    )
    page = page_text([rule])
    assert r"A \[link\](http://example.com) \<img src=x>" in page
    assert r"\*bold\* and `code`" in page
