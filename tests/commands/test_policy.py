"""`mergeline policy`: the list, the cases on both engines, the measuring."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mergeline import cli

ROOT = Path(__file__).parents[2]
MODULE = """package mergeline.model

# METADATA
# title: Nothing is bad
# description: Bad things are bad.
# custom:
#   id: bad
#   severity: error
#   practice: 5
#   owner: platform
deny contains {"id": "bad", "msg": "it is bad", "path": "/model", "hint": "be good"} if input.bad
"""
CASES = """package mergeline.model_test

cases := {
	"bad": {"finds": {"id": "bad", "path": "/model"}, "input": {"bad": true}},
	"says": {"says": "it is bad", "input": {"bad": true}},
	"good": {"silent": true, "input": {"bad": BAD}},
}
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "policies"
    folder.mkdir()
    (tmp_path / "models").mkdir()
    (folder / "a.rego").write_text(MODULE)
    monkeypatch.setenv("MERGELINE_OPA", "no-such-opa")

    def write(bad="false"):
        (folder / "a_test.rego").write_text(CASES.replace("BAD", bad))
        return tmp_path

    return write


def mergeline(folder, capsys, *arguments, expect=0):
    code = cli.main(["-C", str(folder), "policy", *arguments])
    said = capsys.readouterr()
    assert code == expect, said.out + said.err
    return said.out if code < 2 and said.out else said.err


def test_the_list(repository, capsys):
    out = mergeline(repository(), capsys, "list")
    assert out == (
        " 5  error    bad  (platform)\n    Nothing is bad\n    policies/a.rego:11\n1 rule\n"
    )
    [rule] = json.loads(mergeline(repository(), capsys, "list", "--format", "json"))
    assert rule == {
        "id": "bad",
        "package": "mergeline.model",
        "practice": 5,
        "severity": "error",
        "owner": "platform",
        "title": "Nothing is bad",
        "file": "policies/a.rego",
        "line": 11,
    }


def test_the_list_of_this_repository_has_the_place_of_each_rule(capsys):
    rules = json.loads(mergeline(ROOT, capsys, "list", "--format", "json"))
    assert len(rules) >= 100
    for rule in rules:
        line = (ROOT / rule["file"]).read_text().splitlines()[rule["line"] - 1]
        assert line.startswith(("deny contains {", "warn contains {"))


def test_cases_that_hold(repository, capsys):
    assert mergeline(repository(), capsys, "test") == "embedded: 3 of 3 cases hold\n"


def test_a_case_that_does_not_hold(repository, capsys):
    assert mergeline(repository("true"), capsys, "test", expect=1) == (
        "failed: mergeline.model: good (embedded)\n"
        "  expected {'silent': True}\n"
        "  answered bad at /model: it is bad\n"
        "embedded: 2 of 3 cases hold\n"
    )
    out = mergeline(repository("true"), capsys, "test", "--format", "json", expect=1)
    [answer] = json.loads(out)
    assert (answer["engine"], answer["cases"]) == ("embedded", 3)
    assert [one["case"] for one in answer["failed"]] == ["good"]


def test_a_case_that_cannot_be_answered_does_not_hold(repository, capsys):
    folder = repository()
    rego = MODULE.replace("if input.bad", "if 1 / input.zero > 1")
    (folder / "policies/a.rego").write_text(rego)
    cases = '{"a": {"passes": true, "input": {"zero": 0}}}'
    (folder / "policies/a_test.rego").write_text(
        f"package mergeline.model_test\n\ncases := {cases}\n"
    )
    assert "could not be evaluated" in mergeline(folder, capsys, "test", expect=1)


@pytest.mark.parametrize(
    ("cases", "words", "code"),
    [
        (None, "the policies have no cases", 1),
        ("cases := {}", "holds no cases", 3),
        ('cases := {"a": {"input": {}}}', 'case "a" must have an input and one of', 3),
        ("cases := {1: {}} if input.never", "could not be evaluated", 3),
    ],
)
def test_nothing_tested_is_no_yes(repository, capsys, cases, words, code):
    folder = repository()
    path = folder / "policies/a_test.rego"
    path.unlink()
    if cases:
        path.write_text(f"package mergeline.model_test\n\n{cases}\n")
    assert words in mergeline(folder, capsys, "test", expect=code)


@pytest.mark.opa
def test_both_engines(repository, capsys, monkeypatch, opa):
    monkeypatch.setenv("MERGELINE_OPA", opa)
    out = mergeline(repository(), capsys, "test")
    assert out == "embedded: 3 of 3 cases hold\nopa: 3 of 3 cases hold\n"


def test_the_measuring(repository, capsys):
    folder = repository()
    assert "there is no model" in mergeline(folder, capsys, "bench", expect=1)
    for name in ("pipelines", "models/diabetes-progression"):
        shutil.copytree(ROOT / name, folder / name)
    [answer] = json.loads(mergeline(folder, capsys, "bench", "--format", "json"))
    assert (answer["engine"], answer["models"]) == ("embedded", 1)
    assert answer["median_milliseconds"] > 0
    assert mergeline(folder, capsys, "bench").startswith("embedded: ")
