from __future__ import annotations

import pytest

from mergeline.policy.examples import examples_of
from mergeline.policy.library import PolicyLibrary
from mergeline.policy.metadata import rules_of

SOUND = '{"model": {"name": "loans", "links": {"runbook": "r"}}, "deployment": {"steps": [1, 2]}}'


def example(case: str, package: str = "mergeline.model", more: str = ""):
    text = f'package {package}_test\ngood := {SOUND}\nchanged := {{"a case": {case}}}\n{more}'
    return examples_of(PolicyLibrary.of({"policies/cases_test.rego": text})).get(
        (package, "odd-rule")
    )


FINDS = '"finds": {"id": "odd-rule", "path": "/model"}'


@pytest.mark.parametrize(
    ("operation", "file", "bad", "good"),
    [
        (
            '{"op": "add", "path": "/model/name", "value": "x"}',
            "model.yaml",
            'name: "x"',
            'name: "loans"',
        ),
        (
            '{"op": "remove", "path": "/model/links/runbook"}',
            "model.yaml",
            "links:\n  # no runbook",
            'links:\n  runbook: "r"',
        ),
        (
            '{"op": "add", "path": "/deployment/steps/0", "value": 9}',
            "deployment.yaml",
            "steps: [9, 1, 2]",
            "steps: [1, 2]",
        ),
        (
            '{"op": "add", "path": "/model", "value": null}',
            None,
            "model: null",
            'model: {"name": "loans", "links": {"runbook": "r"}}',
        ),
    ],
)
def test_the_places_of_a_patch_are_shown(operation, file, bad, good):
    assert example(f'{{{FINDS}, "patch": [{operation}]}}') == (file, bad, good)


def test_other_packages_name_no_file():
    patch = '[{"op": "add", "path": "/model/name", "value": "x"}]'
    shown = example(f'{{{FINDS}, "patch": {patch}}}', package="mergeline.change")
    assert shown == (None, 'model:\n  name: "x"', 'model:\n  name: "loans"')


def test_what_is_given_beside_the_specs_is_shown():
    shown = example(f'{{{FINDS}, "files": ["b"], "patch": []}}', more='files := ["a"]\n')
    assert shown == (None, 'files: ["b"]', 'files: ["a"]')


@pytest.mark.parametrize(
    "case",
    [
        '{"passes": true, "patch": []}',
        f'{{{FINDS}, "patch": []}}',
        f'{{{FINDS}, "patch": [{{"op": "test", "path": "/model"}}]}}',
        f'{{{FINDS}, "patch": [{{"op": "remove", "path": "/nothing/there"}}]}}',
        f'{{{FINDS}, "patch": [{{"op": "remove"}}]}}',
        f'{{{FINDS}, "patch": input.patch}}',
        '{"finds": "odd-rule"}',
    ],
)
def test_other_forms_give_no_example(case):
    assert example(case) is None


def test_an_example_of_the_rule_itself_comes_first():
    policy = (
        "package mergeline.model\n\n# METADATA\n# title: Odd\n# custom:\n#   id: odd-rule\n"
        '#   bad: "its own"\ndeny contains {"id": "odd-rule", "hint": "h"} if { input.x }\n'
    )
    cases = (
        f"package mergeline.model_test\ngood := {SOUND}\n"
        f'changed := {{"a": {{{FINDS}, "patch": [{{"op": "remove", "path": "/model/name"}}]}}}}\n'
    )
    texts = {"policies/odd.rego": policy, "policies/odd_test.rego": cases}
    [rule] = rules_of(PolicyLibrary.of(texts))
    assert (rule.bad, rule.good) == ("its own", None)
    [rule] = rules_of(
        PolicyLibrary.of({**texts, "policies/odd.rego": policy.replace("#   bad: ", "# bad: ")})
    )
    assert (rule.bad, rule.good) == ("# no name", 'name: "loans"')
