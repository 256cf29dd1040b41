from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.errors import ExitCode, ToolError
from mergeline.policy.audit import audit
from mergeline.policy.builtins import builtins
from mergeline.policy.library import PolicyLibrary


def refusal(body, head="deny contains 1"):
    text = f"package mergeline.model\n\nimport data.lib\n\n{head} if {{\n\t{body}\n}}\n"
    library = PolicyLibrary.of(
        {"policies/a.rego": text, "policies/l.rego": "package lib\nf(x) := x"}
    )
    try:
        audit(library)
    except ToolError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('time.parse_rfc3339_ns("2024-09-12T10:00:00Z") > 1', "time.parse_rfc3339_ns"),
        ('json.match_schema(input, {"type": "object"})[0]', "json.match_schema"),
        ('net.cidr_contains("10.0.0.0/8", input.ip)', "net.cidr_contains"),
        (
            'http.send({"method": "get", "url": "https://example.com"}).status_code == 200',
            "http.send",
        ),
        ('semver.compare(input.a, "1.0.0") > 0', "semver.compare"),
        ('x := time["parse_rfc3339_ns"](input.at)\n\tx > 1', "time.parse_rfc3339_ns"),
        ('x := $"{semver.compare(input.a, input.b)}"\n\tx == "1"', "semver.compare"),
        ('sprintf("%s", [input.a]) == "a"', "sprintf"),
        ("not json.match_schema(input, {})[0]", "json.match_schema"),
        ("count([x | x := net.cidr_expand(input.net)[_]]) > 1", "net.cidr_expand"),
    ],
)
def test_a_builtin_that_is_not_proven_is_refused(body, name):
    error = refusal(body)
    assert error.exit_code is ExitCode.TOOL
    assert f"policy mergeline.model.deny calls {name}" in error.message
    assert str(error.location).startswith("policies/a.rego:6:")
    assert "MERGELINE_POLICY_ENGINE=opa" in error.hint


@pytest.mark.parametrize(
    "body",
    [
        '"time.parse_rfc3339_ns(1)" == input.a # http.send({})',
        "input.a == `json.match_schema(1)`",
        "lib.f(input.a) == 1",
        "count(input.http.send) > 1",
        "some x in input.list\n\tx.time.now_ns == 1",
        "input.list[i] == input.other[i]",
        "[a, b] := input.pair\n\ta == b",
        "every k, v in input.object { k == v }",
        '$"{input.a} of {count(input.list)}" == input.b',
        '{"a": x} = input.object\n\tx > 1',
        'concat(", ", sort([x | some x in input.list])) == "a"',
    ],
)
def test_what_is_proven_passes(body):
    assert refusal(body) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("inputs.a == 1", "uses inputs.a, which nothing defines"),
        ("not inptu.a", "uses inptu.a, which nothing defines"),
        ("undefined_rule", "uses undefined_rule, which nothing defines"),
        ("libs.f(1) == 1", "uses libs.f, which nothing defines"),
        ("nothing_such(1)", "uses nothing_such, which nothing defines"),
        ("lib := input.a\n\tlib == 1", "gives a variable the name of a rule or import: lib"),
        (
            "some deny in input.a\n\tsome lib in deny",
            "a variable the name of a rule or import: lib",
        ),
        ("count(input.a) == 1 with input.a as [1]", "uses `with`"),
        ('concat(", ", {"b", "a"}) == "a, b"', "calls concat other than with parts in an array"),
        ("sort(input.list)[0] == 1", "calls sort other than with an array written as one"),
        ("max([input.a, 3600]) == 3600", "calls max"),
        ("regex.match(input.pattern, input.a)", "calls regex.match other than with a literal"),
        ("regex.match(`(?i)a`, input.a)", "calls regex.match other than with a literal"),
        ("input.functions[input.name](1)", "whose name is not plain"),
    ],
)
def test_what_regopy_would_get_wrong_without_a_word_is_refused(body, words):
    assert words in refusal(body).message


UNPROVEN = sorted(name for name in builtins().refused if "." in name and "internal" not in name)
BLANKS = st.sampled_from(["", " ", "\n\t", " # a comment (\n"])


@given(
    st.sampled_from(UNPROVEN), BLANKS, BLANKS, st.booleans(), st.sampled_from(["", "not ", "x := "])
)
def test_no_way_of_writing_a_call_hides_it(name, before, after, indexed, prefix):
    namespace, _, last = name.rpartition(".")
    called = f'{namespace}["{last}"]' if indexed else name
    error = refusal(f"{prefix}{called}({before}input.a{after})")
    assert f"calls {name}" in error.message


@given(st.sampled_from(UNPROVEN), st.sampled_from(['"{}(1)" == 1', "`{}(1)` == 1", "true # {}(1)"]))
def test_text_is_no_call(name, template):
    assert refusal(template.format(name)) is None
