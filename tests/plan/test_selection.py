"""The language of `--select`, by examples and by its laws."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.errors import UsageError
from mergeline.plan.selection import (
    METHODS,
    RISKS,
    STATES,
    Traits,
    parse_selection,
    require_matches,
)

NAMES = ("churn", "churn-eu", "price")
TEAMS = ("team-x", "team-y")
names = st.sampled_from(NAMES)
terms = st.one_of(
    names,
    st.sampled_from(["churn*", "*", "?rice", "name:churn"]),
    st.sampled_from(STATES).map("state:{}".format),
    st.sampled_from(RISKS).map("risk:{}".format),
    st.sampled_from([*TEAMS, "team-*"]).map("owner:{}".format),
)
intersections = st.lists(terms, min_size=1, max_size=3).map(",".join)
traits = st.builds(
    Traits,
    names,
    st.sampled_from(STATES),
    st.sampled_from([*RISKS, None]),
    st.sampled_from([*TEAMS, None]),
)


def fits(words: list[str], model: Traits) -> bool:
    return parse_selection(words).fits(model)


@given(st.lists(intersections, min_size=1, max_size=3), traits)
def test_a_space_and_a_second_option_unite(words, model):
    apart = any(fits([word], model) for word in words)
    assert fits(words, model) == fits([" ".join(words)], model) == apart


@given(st.lists(terms, min_size=1, max_size=4), traits)
def test_a_comma_intersects(words, model):
    assert fits([",".join(words)], model) == all(fits([word], model) for word in words)


@given(st.lists(intersections, max_size=3))
def test_a_selection_is_printed_as_it_is_read(words):
    selection = parse_selection(words)
    assert parse_selection([str(selection)]) == selection


@given(st.lists(intersections, max_size=3), traits)
def test_what_may_not_fit_by_name_does_not_fit(words, model):
    selection = parse_selection(words)
    assert selection.may_fit(model.name) or not selection.fits(model)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_hint(text):
    try:
        selection = parse_selection([text])
    except UsageError as error:
        selection, hint = None, error.hint
    else:
        hint = None
    assert hint or all(term.method in METHODS and term.value for term in _terms(selection))


def _terms(selection):
    return [term for terms in selection.unions for term in terms]


@given(names, st.sampled_from(["churn*", "[cp]*", "*e", "price", "????"]))
def test_globs_are_those_of_the_shell(name, pattern):
    assert fits([pattern], Traits(name)) == fnmatchcase(name, pattern)


def test_nothing_selects_everything():
    assert fits([], Traits("churn"))
    assert fits([" "], Traits("churn"))


def test_what_cannot_be_read_fits_no_value():
    assert not fits(["risk:high"], Traits("churn"))
    assert not fits(["owner:*"], Traits("churn"))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("stat:new", 'no method "stat"', 'did you mean "state"? known: name, state, risk, owner'),
        ("state:newer", '"newer" is no state', 'did you mean "new"?'),
        ("risk:hgih", '"hgih" is no risk', 'did you mean "high"?'),
        ("risk:", '"risk:" selects nothing', "write name, glob or method:value"),
        ("churn,,price", "a term of --select is empty", "write name, glob or method:value"),
        (",", "a term of --select is empty", "write name, glob or method:value"),
        ("State:new", 'no method "State"', 'did you mean "state"?'),
    ],
)
def test_slips(text, message, hint):
    with pytest.raises(UsageError) as caught:
        parse_selection([text])
    assert message in caught.value.message
    assert str(caught.value.hint).startswith(hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chrun", 'has a model "chrun"'),
        ("price,chu", 'has a model "chu"'),
        ("owner:team-z", 'has a model owned by "team-z"'),
    ],
)
def test_what_no_model_can_fit_is_refused_with_the_nearest(text, message):
    with pytest.raises(UsageError) as caught:
        require_matches(parse_selection([text]), lambda: NAMES, lambda: TEAMS)
    assert message in caught.value.message
    assert str(caught.value.hint).startswith('did you mean "')


def test_owners_are_not_read_where_none_is_asked_for():
    def never():
        raise AssertionError

    require_matches(parse_selection(["churn,state:new", "pri*"]), lambda: NAMES, never)
    require_matches(parse_selection(["owner:team-*"]), never, lambda: TEAMS)
