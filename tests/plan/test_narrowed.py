"""Which modules of the policies a change of them can matter to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.plan.workbench import Files

from mergeline.plan.narrowed import narrowed
from mergeline.plan.rules import policy_change, policy_files
from mergeline.policy.embedded import EmbeddedEngine
from mergeline.policy.library import PolicyLibrary
from mergeline.promotion.judgement import judge_model
from mergeline.specs.repository import load_repository

HEAD = "package mergeline.model\nimport data.organization\nimport data.mergeline.lib\n"
SAYS = 'deny contains {{"id": "{0}", "msg": "m", "path": "/{0}", "hint": "h"}} if {1}\n'
NUMBERS = {"training": {"cpu": 1, "gpu": 2}, "data": {"rows": 3}, "prices": {"cpu": 4}}
MODULES = {
    "cpu": HEAD + SAYS.format("cpu", "input.cpu > organization.training.cpu"),
    "gpu": HEAD + SAYS.format("gpu", "many_gpus"),
    "gpus": HEAD + "many_gpus if input.gpu > organization.training.gpu\n",
    "rows": HEAD + SAYS.format("rows", "lib.few(input.rows)"),
    "any": HEAD + SAYS.format("any", "some x in organization.training; x > 9"),
    "plain": HEAD + SAYS.format("plain", "input.plain"),
}
LIB = "package mergeline.lib\nimport data.organization\nfew(n) if n < organization.data.rows\n"


def library(numbers=NUMBERS, **modules: str) -> dict[str, bytes]:
    files = {f"policies/model/{name}.rego": text for name, text in {**MODULES, **modules}.items()}
    files["policies/lib/lib.rego"] = LIB
    files["policies/data.yaml"] = yaml.safe_dump({"organization": numbers})
    return {path: text.encode() for path, text in files.items()}


def seen(after: dict[str, bytes], before: dict[str, bytes] | None = None) -> set[str] | None:
    old = before or library()
    files = policy_files(path for path in {*old, *after} if old.get(path) != after.get(path))
    change = policy_change(files, Files(old), Files(after))
    trees = narrowed(change, Files(old), Files(after))
    if trees is None:
        return None
    paths = trees[1].files("policies")
    return {path.rpartition("/")[2].removesuffix(".rego") for path in paths} - {"data.yaml"}


@pytest.mark.parametrize(
    ("numbers", "modules"),
    [
        ({"training": {"cpu": 7, "gpu": 2}}, {"cpu", "any"}),
        ({"training": {"cpu": 1, "gpu": 7}}, {"gpu", "gpus", "any"}),
        ({"data": {"rows": 7}}, {"rows", "lib"}),
        ({"data": None}, {"rows", "lib"}),
        ({"prices": {"cpu": 7}}, None),
    ],
)
def test_a_number_matters_to_the_rules_that_read_it_by_any_way_round(numbers, modules):
    assert seen(library({**NUMBERS, **numbers})) == modules


def test_a_changed_rule_matters_to_those_that_use_it():
    other = MODULES["gpus"].replace("input.gpu", "input.gpus")
    assert seen(library(gpus=other)) == {"gpu", "gpus"}


def test_a_rule_that_is_gone_mattered():
    before = library(more=HEAD + SAYS.format("more", "input.more"))
    assert seen(library(), before) is not None


def test_a_comment_matters_to_none():
    assert seen(library(cpu=MODULES["cpu"] + "# Cores.\n")) is None


@pytest.mark.parametrize(
    "condition", ["data[input.x].training.cpu", 'data["organization"].training.cpu']
)
def test_a_number_that_is_read_in_an_odd_way_is_read(condition):
    odd = library(odd=HEAD + SAYS.format("odd", condition))
    numbers = {**NUMBERS, "training": {"cpu": 7, "gpu": 2}}
    after = library(numbers, odd=HEAD + SAYS.format("odd", condition))
    assert seen(after, odd) == {"cpu", "any", "odd"}


def test_a_number_under_another_name_is_read():
    renamed = HEAD + "import data.organization.training as t\n" + SAYS.format("odd", "t.cpu > 1")
    after = library({**NUMBERS, "training": {"cpu": 7, "gpu": 2}}, odd=renamed)
    assert seen(after, library(odd=renamed)) == {"cpu", "any", "odd"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("policies/data.yaml", "resources_max: {cpu: 32", "resources_max: {cpu: 0"),
        ("policies/data.yaml", "description_min_characters: 30", "description_min_characters: 900"),
        ("policies/model/cost.rego", "month < run", "month < 1000 * run"),
    ],
)
def test_the_reference_policies_say_the_same_of_a_change_cut_down_or_whole(path, old, new):
    root = Path(__file__).parents[2]
    before = {
        file.relative_to(root).as_posix(): file.read_bytes()
        for folder in ("policies", "pipelines", "models/breast-cancer-diagnosis")
        for file in (root / folder).rglob("*")
        if file.is_file()
    }
    text = before[path].decode()
    assert text.count(old) == 1
    after = {**before, path: text.replace(old, new).encode()}
    change = policy_change((path,), Files(before), Files(after))
    cut = narrowed(change, Files(before), Files(after))
    assert cut is not None
    repository = load_repository(Files(before))
    [model] = repository.models.values()
    said = [
        {finding.rule for finding in judge_model(engine_of(tree), model, repository)}
        for tree in (Files(before), Files(after), *cut)
    ]
    assert said[1] - said[0] == said[3] - said[2] != set()
    assert said[0] - said[1] == said[2] - said[3] == set()


def engine_of(tree) -> EmbeddedEngine:
    return EmbeddedEngine(PolicyLibrary.load(tree))
