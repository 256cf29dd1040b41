from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.policy.tokens import RegoTextError, tokenize


def texts(source):
    return [token.text for token in tokenize(source)]


def test_strings_comments_and_code_are_told_apart():
    source = 'a := "x # no, \\" y()" # time.now_ns()\nb := `raw "z(" \\`\n'
    assert texts(source) == ["a", ":=", 'x # no, " y()', "b", ":=", 'raw "z(" \\']


def test_places_count_from_one():
    token = tokenize("package a\n\n  deny := 1")[2]
    assert (token.text, token.line, token.column, token.first) == ("deny", 3, 3, True)


def test_a_template_holds_the_tokens_of_its_expressions():
    [template] = tokenize('$"a \\{no} {count({x | x})} b {$`{y}`} \\""')
    assert template.kind == "template"
    inner = [token.text for token in template.inside]
    assert inner == ["count", "(", "{", "x", "|", "x", "}", ")", "$`{y}`"]
    assert [token.text for token in template.inside[-1].inside] == ["y"]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [('a\nb := "open', 2, 6), ("`open", 1, 1), ("a := ?", 1, 6), ('$"a {x', 1, 7), ('"\\q"', 1, 1)],
)
def test_what_is_no_rego_is_refused_with_its_place(source, line, column):
    with pytest.raises(RegoTextError) as caught:
        tokenize(source)
    assert (caught.value.line, caught.value.column) == (line, column)


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
PIECES = st.one_of(
    NAMES.map(lambda name: (name, "name", name)),
    st.text(max_size=8)
    .filter(lambda text: "\x7f" not in text)
    .map(lambda text: (json.dumps(text), "string", text)),
    st.text(alphabet=st.characters(exclude_characters="`\r"), max_size=8).map(
        lambda text: (f"`{text}`", "string", text)
    ),
    st.sampled_from([":=", "==", "{", "}", "(", ")", ",", "."]).map(
        lambda text: (text, "symbol", text)
    ),
    st.integers(0, 999).map(lambda number: (str(number), "number", str(number))),
)


@given(st.lists(st.tuples(PIECES, st.sampled_from([" ", "\n", ' # (no) "quote\n', "\t"]))))
def test_what_was_put_together_is_taken_apart(pieces):
    source = "".join(text + blank for (text, _, _), blank in pieces)
    tokens = tokenize(source)
    assert [(token.kind, token.text) for token in tokens] == [
        (kind, value) for (_, kind, value), _ in pieces
    ]
    assert all(
        source[token.start : token.end] == text
        for token, ((text, _, _), _) in zip(tokens, pieces, strict=True)
    )


@given(st.text(alphabet='ab"`${}\\#\n ().', max_size=30))
def test_any_text_is_cut_or_refused(source):
    try:
        tokens = tokenize(source)
    except RegoTextError as error:
        refused_at, tokens = error.line, []
    else:
        refused_at = 1
    assert 1 <= refused_at <= source.count("\n") + 1
    assert all(one.end <= two.start for one, two in pairwise(tokens))
