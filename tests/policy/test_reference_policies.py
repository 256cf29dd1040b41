"""The policies of this repository: one suite of cases for both engines, and OPA's own checks."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import regopy

from mergeline.findings import Severity
from mergeline.policy import PolicyLibrary
from mergeline.process import run
from mergeline.promotion.judgement import model_document
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("model", "change", "promotion")


@cache
def library():
    return PolicyLibrary.load(WorkingTree(ROOT))


@cache
def cases(package):
    """The cases that the Rego tests hold, computed by regopy (they use no `with`)."""
    interpreter = regopy.Interpreter()
    path = ROOT / "policies" / package / "cases_test.rego"
    interpreter.add_module(str(path), path.read_text(encoding="utf-8"))
    answer = interpreter.query(f"data.mergeline.{package}_test.cases")
    return json.loads(str(answer))["expressions"][0]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_case_holds(make_engine, package):
    engine = make_engine(library())
    wrong = {}
    for name, case in cases(package).items():
        results = engine.evaluate(f"mergeline.{package}", case["input"])
        if not holds(case, results):
            wrong[name] = results
    assert wrong == {}


def holds(case, results):
    denied = [one for one in results if one.severity is Severity.ERROR]
    if case.get("silent"):
        return not results
    if case.get("passes"):
        return not denied
    if "says" in case:
        return case["says"] in [one.message for one in denied]
    found = case["finds"]
    return (found["id"], found["path"]) in [(one.id, one.path) for one in results]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_rule_has_a_case(package):
    text = "".join(module.text for module in library().modules.values())
    own = [
        re.search(r'"id": "([a-z-]+)"', module.text[rule.tokens[0].start :]).group(1)
        for module in library().modules.values()
        if module.package == f"mergeline.{package}"
        for rule in module.rules
        if rule.name in ("deny", "warn")
    ]
    assert text
    found = {case["finds"]["id"] for case in cases(package).values() if "finds" in case}
    assert sorted(set(own) - found) == ["tunables-missing"] * (package != "change")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_rule_is_annotated_as_it_is(package):
    for module in library().modules.values():
        if module.package != f"mergeline.{package}":
            continue
        blocks = re.split(r"(?m)^(?=# METADATA$)", module.text)[1:]
        rules = [rule for rule in module.rules if rule.name in ("deny", "warn")]
        assert len(blocks) == len(rules), module.path
        for block, rule in zip(blocks, rules, strict=True):
            severity = {"deny": "error", "warn": "warning"}[rule.name]
            name = re.search(r'"id": "([a-z-]+)"', block).group(1)
            assert f"#   id: {name}\n#   severity: {severity}\n" in block
            assert re.search(r"(?m)^#   practice: ([1-9]|10)$", block)
            assert re.search(r"(?m)^#   owner: [a-z-]+$", block)


def test_every_practice_has_five_rules_or_more():
    texts = [module.text for module in library().modules.values()]
    found = [re.findall(r"(?m)^#   practice: ([0-9]+)$", text) for text in texts]
    counts = Counter(int(number) for numbers in found for number in numbers)
    assert {practice: counts[practice] >= 5 for practice in range(1, 11)} == dict.fromkeys(
        range(1, 11), True
    )


def pointers(value, path=()):
    if isinstance(value, dict):
        for key in value:
            yield (*path, key)
            yield from pointers(value[key], (*path, key))


def without(document, path):
    changed = copy.deepcopy(document)
    target = changed
    for key in path[:-1]:
        target = target[key]
    del target[path[-1]]
    return changed


# What a promotion may lack: prose, and what only other cases need.
OPTIONAL = {
    ("model",),
    ("rollback",),
    ("verified_here",),
    ("rejected_approvals",),
    ("specs", "deployment"),
    ("specs", "deployment", "environments"),
    ("specs", "deployment", "environments", "production"),
    ("specs", "deployment", "environments", "production", "strategy"),
    ("specs", "deployment", "environments", "production", "soak"),
    ("desired", "reason"),
    ("desired", "hold"),
    ("current", "version"),
    ("current", "replaces"),
    ("current", "reason"),
    ("current", "hold"),
    ("registry", "version"),
    ("registry", "missing"),
    ("pull_request", "number"),
    ("pull_request", "author"),
    ("pull_request", "committers"),
    ("pull_request", "dispatcher"),
    ("previous_environment", "version"),
}


def test_nothing_that_a_promotion_lacks_is_a_yes(make_engine):
    engine = make_engine(library())
    good = cases("promotion")["good promotion"]["input"]
    assert engine.evaluate("mergeline.promotion", good) == ()
    passed = {
        path
        for path in pointers(good)
        if not any(
            one.severity is Severity.ERROR
            for one in engine.evaluate("mergeline.promotion", without(good, path))
        )
    }
    assert passed == OPTIONAL
    assert engine.evaluate("mergeline.promotion", {}) != ()


def test_no_tunable_that_is_missing_is_a_yes(make_engine):
    organization = {
        key: value for key, value in library().data["organization"].items() if key != "soak"
    }
    engine = make_engine(PolicyLibrary(library().modules, {"organization": organization}))
    good = cases("promotion")["good promotion"]["input"]
    ids = {one.id for one in engine.evaluate("mergeline.promotion", good)}
    assert {"tunables-missing", "soak-not-configured"} <= ids


def test_the_reference_models_pass(make_engine):
    engine = make_engine(library())
    repository = load_repository(WorkingTree(ROOT))
    for model in repository.models.values():
        results = engine.evaluate("mergeline.model", model_document(model, repository))
        assert [one for one in results if one.severity is Severity.ERROR] == []


@pytest.mark.opa
@pytest.mark.parametrize(
    "command",
    [["test", "policies"], ["check", "--strict", "policies"], ["fmt", "--fail", "policies"]],
)
def test_opa_itself_is_content(opa, command):
    done = run([opa, *command], cwd=ROOT)
    assert done.status == 0, done.stdout + done.stderr
