"""The catalogue of rules holds what the code gives to findings, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mergeline
from mergeline.policy.library import PolicyLibrary
from mergeline.report.catalogue import PRACTICES, all_rules, by_id, engine_rules, help_uri
from mergeline.specs.rule import read_table
from mergeline.specs.tree import WorkingTree
from report.raised_rules import Raised, raised_in

ROOT = Path(__file__).parents[2]
PACKAGE = Path(mergeline.__file__).parent
EXAMPLES = ROOT / "tests" / "specs" / "examples"
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
# What these find cannot lie in a repository as files laid over others, or not on every system:
# tests/specs makes such trees, and tests/commands/test_core.py has another environment.
NO_FILES = {
    "converting-attribute",
    "file-name",
    "file-too-large",
    "hiding-attribute",
    "invalid-spec",
    "library-version-not-known",
    "missing-file",
    "python-syntax",
    "symbolic-link",
    "tracked-state",
    "unreadable-file",
}


@pytest.fixture(scope="module")
def raised() -> Raised:
    return raised_in(PACKAGE)


@pytest.fixture(scope="module")
def everything():
    return all_rules(PolicyLibrary.load(WorkingTree(ROOT), tests=True))


def test_every_finding_of_the_code_says_a_rule_that_can_be_told(raised: Raised):
    assert raised.unclear == []


def test_what_code_raises_is_in_the_catalogue_of_its_floor_and_the_reverse(raised: Raised):
    found = {(file.split("/")[0], rule) for rule, files in raised.files.items() for file in files}
    assert found == {(rule.source, rule.id) for rule in engine_rules()}


def test_the_reader_of_code_finds_each_way_to_give_a_rule(tmp_path: Path):
    (tmp_path / "one.py").write_text(
        "def a(document, bad):\n"
        '    rule = "left-one" if bad else "right-one"\n'
        "    yield document.finding(rule, 'm')\n"
        "def b(rule: str) -> Finding:\n"
        "    return Finding(rule, 'error', 'm')\n"
        "b('given-one')\n"
        "b(rule='named-one')\n"
        "def c(document):\n"
        "    return [document.finding(made_up(), 'm')]\n"
        "class Told(Exception):\n"
        "    def __init__(self, rule: str): ...\n"
        "raise Told('told-one', 'm')\n"
    )
    raised = raised_in(tmp_path)
    assert set(raised.files) == {"left-one", "right-one", "given-one", "named-one", "told-one"}
    assert raised.unclear == ["one.py:9"]


def test_ids_are_kebab_case_and_texts_are_whole(everything):
    for rule in everything:
        assert KEBAB.match(rule.id), rule.id
        assert all(text.strip() for text in (rule.title, rule.meaning, rule.hint, rule.arises))
        assert not rule.title.endswith("."), rule.id


def test_rules_of_the_engine_have_a_bad_and_a_good_example():
    without = [rule.id for rule in engine_rules() if not rule.bad or not rule.good]
    assert without == []
    assert all(rule.bad != rule.good for rule in engine_rules())


def test_policies_have_the_examples_of_their_tests(everything):
    policies = [rule for rule in everything if rule.source.startswith("mergeline.")]
    # What is missing there is in policies/data.yaml, which the cases do not change.
    assert {rule.id for rule in policies if not rule.bad or not rule.good} <= {"tunables-missing"}
    assert all(rule.bad != rule.good for rule in policies if rule.bad)


def test_one_id_of_two_sources_is_said_to_be_shared(everything):
    for name, rules in by_id(everything).items():
        engine = [rule for rule in rules if not rule.source.startswith("mergeline.")]
        # One package says a rule once for each way of breaking it; all mean the same.
        policies = {rule.title for rule in rules if rule not in engine}
        if len(engine) + bool(policies) > 1:
            assert all(rule.shared for rule in engine), name
        elif engine:
            assert not engine[0].shared, name
        assert len(policies) <= 1 or name in by_id(engine), name


def test_rules_of_the_specs_have_example_files_that_are_run():
    told = {rule.id for rule in engine_rules() if rule.source == "specs"}
    assert {path.name for path in EXAMPLES.iterdir()} - {"base"} == told - NO_FILES


def test_policies_say_practice_owner_severity_and_hint(everything):
    policies = [rule for rule in everything if rule.source.startswith("mergeline.")]
    assert len(policies) >= 50
    for rule in policies:
        assert rule.practice in PRACTICES, rule.id
        assert rule.owner, rule.id
        assert rule.hint != "see its policy", rule.id
        assert rule.origin is not None
        assert f"id: {rule.id}\n#   severity: {rule.severity}" in (ROOT / rule.origin).read_text()


def test_a_table_with_an_unknown_field_is_refused(tmp_path: Path):
    table = tmp_path / "rules.yaml"
    table.write_text("source: specs\narises: x\nrules:\n  a-b: {titel: A}\n")
    with pytest.raises(ValueError, match="titel"):
        read_table(table)


def test_the_address_of_help_ends_with_the_id():
    assert help_uri("unknown-key").endswith("/docs/reference/rules.md#unknown-key")
