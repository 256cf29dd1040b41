from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.policy.literals import NotALiteralError, read_literal
from mergeline.policy.tokens import tokenize

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)


@given(JSON)
def test_every_json_value_is_read_as_it_is(value):
    assert read_literal(tokenize(json.dumps(value))) == value


def test_a_comma_may_follow_the_last_item():
    assert read_literal(tokenize('{"a": [1, 2,],\n\t"b": `raw`,\n}')) == {"a": [1, 2], "b": "raw"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1",
        "[1 2]",
        '{"a" 1}',
        "{a: 1}",
        "input.x",
        "count([])",
        "[x | x := 1]",
        "1 2",
        '{"a": 1} {',
        "-",
        '-"a"',
        '$"a{b}"',
        "[,]",
    ],
)
def test_more_than_a_plain_value_is_refused(text):
    with pytest.raises(NotALiteralError):
        read_literal(tokenize(text))
