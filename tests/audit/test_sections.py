"""A file that is read in sections says what it says as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.workbench import spec_text

from audit.past import record
from mergeline.audit.sections import plain_value
from mergeline.specs.yaml import parse

LONG = "".join(f"  key{number}: value\n" for number in range(100))
LINES = st.sampled_from(
    [
        "a: 1\n",
        "b:\n  - x\n",
        f"long:\n{LONG}",
        'c: "open\n',
        'd: closed"\n',
        "e: 'open\n",
        "f: it's\n",
        "g: [1,\n",
        "h: 2]\n",
        "i: {}\n",
        "---\n",
        "# words\n",
        "j: |\n  text\n",
        "k: &x 1\n",
        "\n",
        "  m: 1\n",
    ]
)


def whole(content: bytes) -> object:
    document, _ = parse("", content)
    return document.value if document else None


@given(st.lists(LINES, max_size=8).map("".join))
def test_sections_together_are_the_whole(text: str) -> None:
    content = text.encode()
    assert plain_value(content) == whole(content)


@pytest.mark.parametrize("first", ['a: "x\n', "a: 'x\n", "a: [x,\n"])
def test_a_value_that_reaches_over_a_section_is_not_cut(first: str) -> None:
    end = {'"': 'b: y"\n', "'": "b: y'\n", "[": "b: y]\n"}[first[3]]
    content = f"{first}long:\n{LONG}{end}".encode()
    assert plain_value(content) == whole(content)


def test_a_record_is_read_alike() -> None:
    made = record("1.0.0")
    made["environment"]["dependencies"] = {f"package-{number}": "1.0" for number in range(150)}
    content = spec_text("Release", made)
    assert plain_value(content) == whole(content)
