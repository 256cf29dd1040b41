from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mergeline.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A repository with one policy of its own."""
    (tmp_path / "models").mkdir()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "house.rego").write_text(
        "package mergeline.model\n\n"
        "# METADATA\n# title: Names are short\n# description: |\n#   A long name is\n#   cut off.\n"
        "# custom:\n#   id: name-too-long\n#   severity: warning\n"
        "#   practice: 6\n#   owner: desk\n"
        "#   bad: |\n#     name: a-very-long-name\n"
        "warn contains {\n"
        '\t"id": "name-too-long", "msg": "m", "path": "/model", "hint": $"cut {input.x} off"\n'
        "} if { count(input.specs.model.name) > 9 }\n"
    )
    return tmp_path


def test_a_rule_of_the_engine(capsys):
    assert main(["-C", str(ROOT), "explain", "unknown-key"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("error[unknown-key]: A key is not known\n  --> specs, found by: every")
    assert "   = help: write the key that was meant, or remove it\n" in out
    assert "  bad (evaluation.yaml):\n      metrics:\n        - {name: roc_auc, tresh" in out
    assert out.endswith("docs/reference/rules.md#unknown-key\n")


def test_a_rule_of_two_sources_is_told_twice(capsys):
    assert main(["-C", str(ROOT), "explain", "unknown-estimator"]) == 0
    out = capsys.readouterr().out
    assert out.count("error[unknown-estimator]") == 2
    assert "--> specs" in out
    assert "--> pipeline" in out


def test_a_policy_of_the_repository_it_is_run_in(house, capsys):
    assert main(["-C", str(house), "explain", "name-too-long"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "warning[name-too-long]: Names are short\n"
        "  --> policies/house.rego, found by: validate, plan, check and apply\n"
        "   = practice 6: registry and approval\n"
        "   = owner: desk\n"
        "   = help: cut {input.x} off\n\n"
        "  A long name is cut off.\n\n"
        "  bad:\n      name: a-very-long-name\n"
    )


def test_json_has_every_field(house, capsys):
    assert main(["-C", str(house), "explain", "name-too-long", "--format", "json"]) == 0
    [rule] = json.loads(capsys.readouterr().out)["rules"]
    assert rule == {
        "id": "name-too-long",
        "source": "mergeline.model",
        "title": "Names are short",
        "meaning": "A long name is cut off.",
        "hint": "cut {input.x} off",
        "arises": "validate, plan, check and apply",
        "severity": "warning",
        "file": None,
        "bad": "name: a-very-long-name\n",
        "good": None,
        "shared": False,
        "practice": 6,
        "owner": "desk",
        "origin": "policies/house.rego",
    }


def test_without_a_rule_all_are_listed_by_source(house, capsys):
    assert main(["-C", str(house), "explain"]) == 0
    out = capsys.readouterr().out
    assert [line.split(":")[0] for line in out.splitlines() if line[:1].strip()] == [
        "specs",
        "policy",
        "pipeline",
        "promotion",
        "audit",
        "workflows",
        "mergeline.model",
        "mergeline explain RULE tells more",
    ]
    assert "  unknown-key " in out
    assert "  name-too-long " in out


def test_an_unknown_rule_is_a_usage_error_with_the_nearest_names(house, capsys):
    assert main(["-C", str(house), "explain", "unknwon-key"]) == 2
    err = capsys.readouterr().err
    assert err.startswith('error: there is no rule "unknwon-key"\n  = help: did you mean ')
    assert '"unknown-key"' in err
    assert main(["-C", str(house), "explain", "zzz"]) == 2
    assert "help: mergeline explain lists all rules" in capsys.readouterr().err


def test_without_policies_the_engine_is_explained(house, capsys):
    shutil.rmtree(house / "policies")
    assert main(["-C", str(house), "explain", "unknown-key"]) == 0
    assert main(["-C", str(house), "explain", "name-too-long"]) == 2


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("#   id: name-too-long\n", "", 14, "the METADATA of a rule says no custom.id"),
        ("# title: Names", "# title: : [", 4, "not valid YAML"),
    ],
)
def test_metadata_that_cannot_be_read_is_told_with_its_line(
    house, capsys, before, after, line, message
):
    policy = house / "policies" / "house.rego"
    policy.write_text(policy.read_text().replace(before, after))
    assert main(["-C", str(house), "explain"]) == 2
    err = capsys.readouterr().err
    assert f"error: {message}" in err
    assert f"--> policies/house.rego:{line}:" in err
