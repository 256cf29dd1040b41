from __future__ import annotations

import pytest

from mergeline.errors import ExitCode, ToolError
from mergeline.findings import Location, Severity
from mergeline.policy import PolicyLibrary, PolicyResult, judge

PACKAGE = "mergeline.model"
ITEM = '{"id": "a", "msg": "m", "path": "/training/random_seed", "hint": "h"}'


def library(*rules, **data):
    return PolicyLibrary.of(
        {"policies/a.rego": "\n\n".join([f"package {PACKAGE}", *rules]) + "\n"}, data
    )


def refused(make_engine, *rules, document=None, package=PACKAGE):
    with pytest.raises(ToolError) as caught:
        make_engine(library(*rules)).evaluate(package, document or {})
    assert caught.value.exit_code is ExitCode.TOOL
    return caught.value


def test_deny_is_an_error_and_warn_a_warning(make_engine):
    engine = make_engine(
        library(
            f"deny contains {ITEM} if input.bad",
            'warn contains {"id": "b", "msg": $"{input.n} ü", '
            '"path": "/model", "hint": data.organization.name} if input.n > 1',
            organization={"name": "härt"},
        )
    )
    assert engine.evaluate(PACKAGE, {"bad": True, "n": 2}) == (
        PolicyResult("a", Severity.ERROR, "m", "/training/random_seed", "h"),
        PolicyResult("b", Severity.WARNING, "2 ü", "/model", "härt"),
    )
    # The engine is used again, and nothing of the last input stays.
    assert engine.evaluate(PACKAGE, {"bad": False, "n": 0}) == ()
    assert engine.evaluate(PACKAGE, {}) == ()


def test_findings_are_placed(make_engine):
    engine = make_engine(library(f"deny contains {ITEM}"))

    def locate(pointer):
        return Location("models/a/training.yaml", 4, len(pointer))

    [finding] = judge(engine, PACKAGE, {}, locate)
    assert finding.location == Location("models/a/training.yaml", 4, 2)
    assert (finding.rule, finding.severity, finding.hint) == ("a", Severity.ERROR, "h")


def test_a_package_that_is_not_there(make_engine):
    error = refused(make_engine, f"deny contains {ITEM}", package="mergeline.modle")
    assert "no policy package mergeline.modle" in error.message
    assert error.hint == "known: mergeline.model"


def test_a_package_that_cannot_say_no(make_engine):
    error = refused(make_engine, f"denny contains {ITEM}")
    assert "has no rule deny" in error.message
    assert error.location == Location("policies/a.rego")


def test_an_undefined_deny(make_engine):
    error = refused(make_engine, "deny := {1} if input.never")
    assert f"{PACKAGE}.deny is undefined (policies/a.rego)" in error.message


def test_an_undefined_warn(make_engine):
    error = refused(make_engine, f"deny contains {ITEM} if false", "warn := {1} if input.never")
    assert f"{PACKAGE}.warn is undefined" in error.message


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('deny contains "no"', "an item is not an object"),
        (
            'deny contains {"id": "a", "path": "/a", "hint": "h"}',
            "(a) answered in an unknown shape: msg",
        ),
        ('deny contains {"msg": "a", "hint": "h"}', "id, path missing"),
        ('deny contains {"id": "a", "msg": "m", "path": "/a"}', "hint missing"),
        (
            'deny contains {"id": " ", "msg": 1, "path": "/a", "hint": "h"}',
            "id, msg missing or not",
        ),
        ('deny contains {"id": "a", "msg": "m", "path": "a", "hint": "h"}', "not a JSON pointer"),
        ("deny := true", "it is not a set"),
        ('deny := {"a": 1}', "it is not a set"),
    ],
)
def test_an_answer_of_another_shape(make_engine, rule, reason):
    error = refused(make_engine, rule)
    assert reason in error.message
    assert error.location == Location("policies/a.rego", 3, 1)


@pytest.mark.parametrize(
    "rules",
    [
        ["deny contains {} if to_number(input.text) > 1"],
        ["deny contains {} if count(input.number) > 1"],
        ["deny contains {} if input.number / input.zero > 1"],
        ["deny contains {} if f(input.number) > 1", "f(x) := 1 if x", "f(x) := 2 if x"],
        ["deny contains {} if limit > 1", "limit := 1 if input.text", "limit := 2 if input.number"],
    ],
)
def test_an_evaluation_error(make_engine, rules):
    error = refused(make_engine, *rules, document={"text": "x", "number": 1, "zero": 0})
    assert f"policy {PACKAGE}.deny could not be evaluated" in error.message
    assert error.location == Location("policies/a.rego", 3, 1)


@pytest.mark.parametrize(
    "rule",
    [
        "deny contains {",
        "deny contains x if { y := 1 }",
        "deny contains 1 if { undefined_name }",
        "deny contains 1 if { nothing_such(1) }",
        "deny contains 1 if { x > 1; y := 3 }",
        "deny contains 1 if { count(1, 2, 3) > 1 }",
    ],
)
def test_bad_rego(make_engine, rule):
    error = refused(make_engine, rule)
    assert error.location.file == "policies/a.rego"


def test_input_that_is_no_json(make_engine):
    engine = make_engine(library(f"deny contains {ITEM} if input.n > 1"))
    with pytest.raises(ToolError):
        engine.evaluate(PACKAGE, {"n": float("nan")})
