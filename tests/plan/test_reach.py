"""Whom a change reaches, and nobody else: a real repository, real policies, four models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.plan.workbench import (
    OTHER_SHA,
    TEMPLATE,
    TUNABLES,
    Clone,
    edited,
    model_files,
    named,
    shared_files,
    spec_text,
)

from mergeline.cli import main

if TYPE_CHECKING:
    from pathlib import Path

RULE = """package mergeline.model

import data.organization

# METADATA
# title: Memory is bounded
# description: Machines are no larger than they need to be.
# custom:
#   id: memory-too-large
#   severity: error
#   practice: 10
#   owner: platform
deny contains {{
	"id": "memory-too-large",
	"msg": "it asks for {words} memory",
	"path": "/training/resources/memory",
	"hint": "ask for less",
}} if {{
	input.specs.training.resources.memory in organization.training.memory_refused
}}
"""
ORDER = """package mergeline.promotion

deny contains {{"id": "no", "msg": "{words}", "path": "/model", "hint": "no"}} if input.never
"""
# Three share a dataset, two of these its features too; the fourth has nothing in common.
OWN = {"data.datasets.0.digest": OTHER_SHA, "data.datasets.0.name": "shops"}
OTHER_FEATURES = {"features.features.0.owner": "team-y", "features.features.0.version": 7}
BIG = {"training.resources.memory": "64Gi"}
PRICE = {"training.environment.lockfile": "requirements/other.txt", **BIG}


def numbers(refused: list[str], **more: object) -> bytes:
    values = {**TUNABLES["organization"], "training": {"memory_refused": refused}, **more}
    return yaml.safe_dump({"organization": values}).encode()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "repository")
    made.commit(
        {
            **shared_files(),
            "policies/data.yaml": numbers(["128Gi"]),
            "policies/model/memory.rego": RULE.format(words="too much").encode(),
            "policies/promotion/order.rego": ORDER.format(words="no").encode(),
            "requirements/other.txt": b"scikit-learn==1.7\n",
            **model_files(named("alike"), "alike"),
            **model_files(edited(PRICE, named("price")), "price"),
            **model_files(edited(OTHER_FEATURES, named("akin")), "akin"),
            **model_files(edited({**OWN, **BIG}, named("shops")), "shops"),
        }
    )
    return made


def reached(clone: Clone, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """Return the models of a plan: their status and why."""
    said = answer(clone, capsys, *arguments)
    return {one["name"]: (one["status"], *one["reasons"]) for one in said["models"]}


def answer(clone: Clone, capsys: pytest.CaptureFixture[str], *arguments: str):
    words = ["-C", str(clone.root), "plan", "--base", "main", "--format", "json", *arguments]
    assert main(words) == 0
    return json.loads(capsys.readouterr().out)


def test_a_lockfile_reaches_who_names_it(clone, capsys):
    clone.write({"requirements/other.txt": b"scikit-learn==1.8\n"})
    assert reached(clone, capsys) == {"price": ("modified", "requirements/other.txt changed")}


def test_a_template_reaches_who_uses_it(clone, capsys):
    template = {**TEMPLATE, "steps": ["data", "features", "train", "evaluate"]}
    clone.write({"pipelines/classification.yaml": spec_text("PipelineTemplate", template)})
    why = ("modified", "pipelines/classification.yaml changed")
    assert reached(clone, capsys) == dict.fromkeys(["akin", "alike", "price", "shops"], why)


def test_a_template_that_means_the_same_reaches_nobody(clone, capsys):
    path = clone.root / "pipelines/classification.yaml"
    path.write_bytes(path.read_bytes() + b"# the same\n")
    assert reached(clone, capsys) == {}


def test_a_changed_dataset_reaches_who_shares_it(clone, capsys):
    clone.write(model_files(edited({"data.datasets.0.digest": OTHER_SHA}, named("akin")), "akin"))
    why = ("reached", "models/akin changed the dataset customers, which it shares")
    assert reached(clone, capsys) == {"akin": ("modified",), "alike": why, "price": why}


def test_who_follows_is_changed_and_not_reached(clone, capsys):
    for name in ("akin", "alike"):
        edits = {"data.datasets.0.digest": OTHER_SHA}
        if name == "akin":
            edits |= OTHER_FEATURES
        clone.write(model_files(edited(edits, named(name)), name))
    found = reached(clone, capsys)
    assert {name: status for name, (status, *_) in found.items()} == {
        "akin": "modified",
        "alike": "modified",
        "price": "reached",
    }


def test_a_changed_feature_reaches_who_defines_it_alike_on_the_same_data(clone, capsys):
    edits = {"features.features.0.version": 2}
    clone.write(model_files(edited(edits, named("alike")), "alike"))
    why = ("reached", "models/alike changed the feature age, which it shares")
    assert reached(clone, capsys) == {"alike": ("modified",), "price": why}


def test_a_feature_shared_by_reference_reaches_who_shares_it(clone, capsys):
    shared = [{"name": "age", "version": 1, "from": "akin"}]
    edits = {"features.features": [], "features.shared": shared}
    clone.commit(model_files(edited(edits, named("alike")), "alike"))
    clone.write(model_files(edited({"features.features.0.version": 8}, named("akin")), "akin"))
    assert main(["-C", str(clone.root), "plan", "--base", "main", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["models"]
    rules = {one["name"]: [each["rule"] for each in one["findings"]] for one in found}
    assert rules == {"akin": [], "alike": ["shared-feature-version"]}
    shared[0]["version"] = 8
    clone.write(model_files(edited(edits, named("alike")), "alike"))
    why = ("modified", "models/akin changed, which it shares features of")
    assert reached(clone, capsys)["alike"] == why


def test_the_words_about_a_feature_are_not_shared(clone, capsys):
    edits = {"features.features.0.description": "In years."}
    clone.write(model_files(edited(edits, named("alike")), "alike"))
    assert reached(clone, capsys) == {"alike": ("modified",)}


def test_the_code_of_a_shared_feature_is_part_of_it(clone, capsys):
    transform = {"type": "python", "function": "code.py:age"}
    for name in ("alike", "price"):
        edits = {"features.features.0.transform": transform, **(PRICE if name == "price" else {})}
        clone.write(model_files(edited(edits, named(name)), name))
        clone.write({f"models/{name}/code.py": b"def age(frame): return frame\n"})
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "share code")
    clone.write({"models/price/code.py": b"def age(frame): return 2 * frame\n"})
    why = ("reached", "models/price changed the feature age, which it shares")
    assert reached(clone, capsys) == {"alike": why, "price": ("modified",)}


def test_a_number_reaches_whom_it_judges_otherwise(clone, capsys):
    clone.write({"policies/data.yaml": numbers(["128Gi", "64Gi"])})
    why = ("reached", "policies/data.yaml changed: error[memory-too-large] appears")
    assert reached(clone, capsys) == {"price": why, "shops": why}
    said = answer(clone, capsys)
    assert said["policies"] == {
        "files": ["policies/data.yaml"],
        "packages": [],
        "values": [
            {
                "name": "organization.training.memory_refused",
                "before": ["128Gi"],
                "after": ["128Gi", "64Gi"],
            }
        ],
        "unjudged": None,
    }
    [finding] = said["models"][0]["verdict"]["appear"]
    assert (finding["rule"], finding["file"]) == ("memory-too-large", "models/price/training.yaml")
    assert said["models"][0]["actions"] == []


def test_a_verdict_goes_away(clone, capsys):
    clone.commit({"policies/data.yaml": numbers(["64Gi"])})
    clone.write({"policies/data.yaml": numbers([])})
    why = ("reached", "policies/data.yaml changed: error[memory-too-large] goes away")
    assert reached(clone, capsys) == {"price": why, "shops": why}


def test_a_rule_reaches_whom_it_judges_otherwise(clone, capsys):
    rule = (
        '\nwarn contains {"id": "memory-large", "msg": "m", "path": "/training", "hint": "h"}'
        ' if input.specs.training.resources.memory == "64Gi"\n'
    )
    text = RULE.format(words="too much") + rule
    clone.write({"policies/model/memory.rego": text.encode()})
    why = ("reached", "policies/model/memory.rego changed: warning[memory-large] appears")
    assert reached(clone, capsys) == {"price": why, "shops": why}


def test_other_words_of_a_rule_reach_nobody(clone, capsys):
    clone.commit({"policies/data.yaml": numbers(["64Gi"])})
    clone.write({"policies/model/memory.rego": RULE.format(words="very much").encode()})
    assert reached(clone, capsys) == {}
    assert answer(clone, capsys)["policies"]["packages"] == ["mergeline.model"]


def test_a_waiver_reaches_its_model(clone, capsys):
    clone.commit({"policies/data.yaml": numbers(["64Gi"])})
    waiver = {
        "rule": "memory-too-large",
        "model": "price",
        "owner": "platform",
        "reason": "The larger machine is needed until the data are thinned out.",
        "expires": "2999-12-31",
    }
    clone.write({"waivers/price-memory.yaml": spec_text("Waiver", waiver)})
    found = reached(clone, capsys)
    assert list(found) == ["price"]
    assert found["price"][1].startswith("waivers/price-memory.yaml changed: warning[")


def test_policies_about_promotions_judge_no_models_anew(clone, capsys, monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("mergeline.commands.session.Session.policies", never)
    clone.write(
        {
            "policies/data.yaml": numbers(["128Gi"], prices={"currency": "EUR"}),
            "policies/promotion/order.rego": ORDER.format(words="never").encode(),
        }
    )
    assert reached(clone, capsys) == {}
    policies = answer(clone, capsys)["policies"]
    assert policies["packages"] == ["mergeline.promotion"]
    assert {one["name"] for one in policies["values"]} >= {"organization.prices.runners"}


def test_policies_that_cannot_be_read_are_said_and_stop_no_plan(clone, capsys):
    clone.write({"policies/model/memory.rego": b"package mergeline.model\ndeny contains {\n"})
    said = answer(clone, capsys)
    assert (said["models"], bool(said["policies"]["unjudged"])) == ([], True)
    assert main(["-C", str(clone.root), "plan", "--base", "main"]) == 0
    assert "policies: whom they reach is unknown: " in capsys.readouterr().out


def test_a_changed_model_that_is_judged_otherwise_says_both(clone, capsys):
    edits = {**PRICE, "training.random_seed": 2}
    clone.write(model_files(edited(edits, named("price")), "price"))
    clone.write({"policies/data.yaml": numbers(["64Gi"])})
    found = reached(clone, capsys)
    reason = "policies/data.yaml changed: error[memory-too-large] appears"
    assert found == {"price": ("modified", reason), "shops": ("reached", reason)}


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        (["state:reached"], ["shops"]),
        (["state:modified"], ["price"]),
        (["state:modified state:reached"], ["price", "shops"]),
        (["risk:high,shops"], ["shops"]),
        (["owner:team-*", "alike"], ["price", "shops"]),
        (["alike"], []),
        (["risk:low"], []),
    ],
)
def test_a_selection_of_them(clone, capsys, terms, names):
    edits = {**PRICE, "training.random_seed": 2}
    clone.write(model_files(edited(edits, named("price")), "price"))
    clone.write({"policies/data.yaml": numbers(["64Gi"])})
    words = [word for term in terms for word in ("--select", term)]
    assert list(reached(clone, capsys, *words)) == names


def test_reached_models_are_shown_together(clone, capsys):
    clone.write({"policies/data.yaml": numbers(["64Gi"])})
    assert main(["-C", str(clone.root), "plan", "--base", "main"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(
        "2 models reached: price, shops\n"
        "  because policies/data.yaml changed: error[memory-too-large] appears\n"
    )
    assert "\nno model changed, 2 models reached\npolicies: policies/data.yaml changed; " in shown
    words = ["-C", str(clone.root), "plan", "--base", "main", "--format", "markdown"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("**No model changed, 2 models reached.**")
    assert "<summary>2 models reached</summary>" in shown
