"""Slices answer apart what the library answers whole: OPA, which is not sliced, is the judge."""

from __future__ import annotations

import pytest

from mergeline.errors import ToolError
from mergeline.policy import PolicyLibrary
from mergeline.policy.embedded import EmbeddedEngine
from mergeline.policy.slices import Slices

PACKAGE = "mergeline.model"
MANY = 23


def item(name, condition):
    return f'deny contains {{"id": "{name}", "msg": "m", "path": "/a", "hint": "h"}} if {condition}'


def warning(name, condition):
    return item(name, condition).replace("deny", "warn", 1)


def library(*rules, **texts):
    text = "\n".join([f"package {PACKAGE}", "import data.shared.limits", *rules, ""])
    return PolicyLibrary.of({"policies/a.rego": text, **texts}, {"settings": {"most": 3}})


SHARED = {
    "policies/shared.rego": "package shared.limits\nimport data.settings\nmost := settings.most"
}


def ids(engine, document):
    return {result.id for result in engine.evaluate(PACKAGE, document)}


def cut(found):
    return Slices(found).of(PACKAGE)


def test_many_statements_are_asked_apart(make_engine):
    found = library(*(item(f"rule-{n}", f"input.n > {n}") for n in range(MANY)))
    assert len(cut(found)) > 2
    engine = make_engine(found)
    assert ids(engine, {"n": MANY}) == {f"rule-{n}" for n in range(MANY)}
    assert ids(engine, {"n": 2}) == {"rule-0", "rule-1"}
    assert ids(engine, {"n": 0}) == set()


def test_what_statements_refer_to_comes_along(make_engine):
    found = library(
        *(item(f"rule-{n}", f"above({n})") for n in range(MANY)),
        "above(n) if limit > n",
        "limit := input.n if input.n < limits.most",
        "limit := data.shared.limits.most if input.n >= 3",
        **SHARED,
    )
    engine = make_engine(found)
    assert ids(engine, {"n": 2}) == {"rule-0", "rule-1"}
    assert ids(engine, {"n": 99}) == {"rule-0", "rule-1", "rule-2"}


@pytest.mark.parametrize(
    "count", ["count(deny)", "count(data.mergeline.model.deny)", "count(data.mergeline[name].deny)"]
)
def test_a_statement_that_counts_the_others_sees_them_all(make_engine, count):
    condition = f'{{ some name in ["model"]; {count} > 2; name != "" }}'
    found = library(
        *(item(f"rule-{n}", f"input.n > {n}") for n in range(MANY)), warning("many", condition)
    )
    engine = make_engine(found)
    assert "many" in ids(engine, {"n": MANY})
    assert ids(engine, {"n": 2}) == {"rule-0", "rule-1"}


def test_a_rule_of_one_value_is_not_cut(make_engine):
    found = library(
        *(f'deny := {{{{"id": "{n}", "msg": "m", "path": "/a", "hint": "h"}}}} if input.n == {n}'
          for n in range(MANY)),
    )  # fmt: skip
    assert len(cut(found)) == 1
    assert ids(make_engine(found), {"n": 21}) == {"21"}


def test_what_reads_no_input_is_asked_once():
    found = library(
        item("settings", "data.settings.most < limits.most + 1"),
        item("input", "input.n > 1"),
        item("through-a-rule", "reads"),
        item("everything", '{ some name in ["shared"]; data[name].limits.most < 3 }'),
        item("clock", "time.now_ns() > 0"),
        "reads if input.n > 1",
        **SHARED,
    )
    [constant] = [one for one in cut(found) if one.constant]
    assert '"settings"' in constant.texts["policies/a.rego"]
    for name in ("input", "through-a-rule", "everything", "clock"):
        assert f'"id": "{name}"' not in constant.texts["policies/a.rego"]
    engine = EmbeddedEngine(found)
    assert ids(engine, {"n": 1}) == ids(engine, {}) == {"settings", "clock"}
    assert ids(engine, {"n": 2}) == {"settings", "clock", "input", "through-a-rule"}


def test_an_import_of_the_input_reads_it():
    text = "\n".join(
        [f"package {PACKAGE}", "import input.specs as given", item("a", "given.n > 1")]
    )
    [one] = cut(PolicyLibrary.of({"policies/a.rego": text}))
    assert not one.constant


def test_places_stay():
    found = library(
        item("first", "input.n > 1"), "lone if {\n  input.n > 2\n}", "deny := 1 if false"
    )
    [one] = cut(found)
    text = one.texts["policies/a.rego"]
    assert "lone" not in text
    assert text.splitlines().index("deny := 1 if false") == 6


@pytest.mark.parametrize("rule", ["f(x) := y if x > 1", "nothing if { a > 1; b := 3 }"])
def test_what_nothing_asks_is_to_be_sound_too(rule):
    with pytest.raises(ToolError):
        EmbeddedEngine(library(item("a", "input.n > 1"), rule))


def test_a_number_after_many_texts(make_engine):
    texts = ", ".join(f'"text {n}"' for n in range(90))
    engine = make_engine(library(item("a", f"{{ input.text in {{{texts}}}; input.n > 1 }}")))
    assert ids(engine, {"text": "text 7", "n": 2}) == {"a"}
    assert ids(engine, {"text": "text 7", "n": 1}) == set()


def test_only_the_packages_that_are_asked_for_are_compiled():
    other = {"policies/b.rego": f"package mergeline.other\n{item('b', 'input.n > 1')}\n"}
    engine = EmbeddedEngine(library(item("a", "input.n > 1"), **other), [PACKAGE])
    assert ids(engine, {"n": 2}) == {"a"}
    with pytest.raises(KeyError):
        engine.evaluate("mergeline.other", {})
