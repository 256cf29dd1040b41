"""The policies of this repository: one suite of cases for both engines, and OPA's own checks."""

from __future__ import annotations

import copy
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from mergeline.errors import UsageError
from mergeline.findings import Severity
from mergeline.policy import PolicyLibrary
from mergeline.policy.embedded import value_of
from mergeline.policy.metadata import rule_ids, rules_of
from mergeline.policy.trials import cases_of, failing
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
def with_tests():
    return PolicyLibrary.load(WorkingTree(ROOT), tests=True)


@cache
def cases():
    """The cases that the Rego tests hold, by package and name."""
    return {(case.package, case.name): case for case in cases_of(with_tests(), value_of)}


def test_every_case_holds(make_engine):
    assert failing(make_engine(library()), list(cases().values())) == []


# It speaks of the policies' data, which cases do not change; the tests below do.
NO_CASE = {("mergeline.model", "tunables-missing"), ("mergeline.promotion", "tunables-missing")}


def test_every_rule_finds_a_case_and_is_silent_when_it_is_mended():
    """Both are put to both engines above; they differ by what mends the one."""
    pairs = {}
    for (package, name), bad in cases().items():
        good = cases().get((package, f"{name}, mended"))
        if good is not None:
            kind, finds = bad.expected
            assert (kind, good.expected) == ("finds", ("mends", finds["id"]))
            pairs[package, finds["id"]] = bad.document, good.document
    assert set(pairs) == {(rule.source, rule.id) for rule in rules_of(with_tests())} - NO_CASE
    for rule, (bad, good) in pairs.items():
        differing = set(leaves(bad)) ^ set(leaves(good))
        assert 0 < len(differing) <= 16, rule


def leaves(value, path=()):
    """Yield each plain value with its path."""
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        for key, below in named:
            yield from leaves(below, (*path, key))
    else:
        yield path, value


def test_every_id_that_a_rule_gives_is_described_and_the_reverse():
    for package in PACKAGES:
        described = [
            rule.id for rule in rules_of(library()) if rule.source == f"mergeline.{package}"
        ]
        assert len(described) == len(set(described))
        assert set(described) == rule_ids(library(), f"mergeline.{package}")


def test_metadata_of_another_rule_is_refused():
    text = """package mergeline.model

# METADATA
# custom:
#   id: one
deny contains {"id": "another", "msg": "m", "path": "/model", "hint": "h"} if true
"""
    with pytest.raises(UsageError, match='says the id "one", which the rule does not give'):
        rules_of(PolicyLibrary.of({"policies/model.rego": text}))


def test_every_rule_says_of_itself_what_the_reference_shows():
    rules = rules_of(with_tests())
    assert len(rules) >= 50
    for rule in rules:
        assert rule.practice in range(1, 11), rule.id
        assert rule.owner
        assert rule.bad, rule.id
        assert rule.good, rule.id
        assert rule.bad != rule.good, rule.id


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
    counts = Counter(rule.practice for rule in rules_of(library()))
    assert {practice: counts[practice] for practice in range(1, 11) if counts[practice] < 5} == {}


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
    # What a signature says is held against its bundles, by the engine.
    ("release", "signature", "method"),
    ("release", "signature", "signer"),
    ("registry", "version"),
    ("registry", "missing"),
    ("pull_request", "number"),
    ("pull_request", "author"),
    ("pull_request", "committers"),
    ("pull_request", "dispatcher"),
    ("previous_environment", "version"),
}


@pytest.mark.slow
def test_nothing_that_a_promotion_lacks_is_a_yes(make_engine):
    engine = make_engine(library())
    good = cases()["mergeline.promotion", "good promotion"].document
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "name"), [("model", "good specs"), ("promotion", "good promotion")]
)
def test_no_tunable_that_is_missing_is_a_yes(make_engine, package, name):
    good = cases()[f"mergeline.{package}", name].document
    organization = library().data["organization"]
    lacking = {key: value for key, value in organization.items() if key != "soak"}
    for given, missing in ((organization, False), (lacking, True)):
        engine = make_engine(PolicyLibrary(library().modules, {"organization": given}))
        found = {one.id for one in engine.evaluate(f"mergeline.{package}", good)}
        assert ("tunables-missing" in found) is missing
        assert ("soak-not-configured" in found) is (missing and package == "promotion")


def test_the_reference_models_pass(make_engine):
    engine = make_engine(library())
    repository = load_repository(WorkingTree(ROOT))
    for model in repository.models.values():
        results = engine.evaluate("mergeline.model", model_document(model, repository))
        assert [one for one in results if one.severity is Severity.ERROR] == []


@pytest.mark.slow
@pytest.mark.opa
@pytest.mark.parametrize(
    "command",
    [
        ["test", "--timeout=1m", "policies"],
        ["check", "--strict", "policies"],
        ["fmt", "--fail", "policies"],
    ],
)
def test_opa_itself_is_content(opa, command):
    done = run([opa, *command], cwd=ROOT)
    assert done.status == 0, done.stdout + done.stderr
