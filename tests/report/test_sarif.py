"""Findings as SARIF: held to the schema of SARIF 2.1.0 and to what its readers rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker

from mergeline import __version__
from mergeline.findings import Finding, Location, Severity
from mergeline.report.catalogue import engine_rules
from mergeline.report.sarif import FINGERPRINT, sarif
from mergeline.specs.rule import Rule

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json").read_text())
VALIDATOR = Draft4Validator(SCHEMA, format_checker=FormatChecker())
RULES = engine_rules()
ROOT = Path("/repo")


def finding(rule="unknown-key", message="key is not known", line=3, **more):
    place = Location(more.pop("file", "models/churn/model.yaml"), line, more.pop("column", 5))
    return Finding(rule, more.pop("severity", Severity.ERROR), message, place, **more)


def run_of(*findings, rules=RULES):
    log = sarif(list(findings), rules, ROOT)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    json.dumps(log, allow_nan=False)
    [run] = log["runs"]
    return run


def fingerprints(*findings):
    return [one["partialFingerprints"][FINGERPRINT] for one in run_of(*findings)["results"]]


def test_the_schema_refuses_what_is_no_sarif():
    assert list(VALIDATOR.iter_errors({"version": "2.1.0", "runs": [{"tool": {}}]}))


def test_no_findings_are_an_empty_run():
    run = run_of()
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []
    assert run["tool"]["driver"]["version"] == __version__


def test_a_finding_is_a_result_at_its_place():
    run = run_of(finding(hint='did you mean "name"?'))
    assert run["results"] == [
        {
            "ruleId": "unknown-key",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": 'key is not known. did you mean "name"?'},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": "models/churn/model.yaml",
                            "uriBaseId": "%SRCROOT%",
                        },
                        "region": {"startLine": 3, "startColumn": 5},
                    }
                }
            ],
            "partialFingerprints": run["results"][0]["partialFingerprints"],
        }
    ]
    assert run["originalUriBaseIds"] == {"%SRCROOT%": {"uri": "file:///repo/"}}


def test_a_rule_is_described_once_and_pointed_to():
    run = run_of(finding(), finding("pii-as-input", severity=Severity.WARNING), finding(line=9))
    first, second = run["tool"]["driver"]["rules"]
    assert [one["ruleIndex"] for one in run["results"]] == [0, 1, 0]
    assert first["id"] == "unknown-key"
    assert first["shortDescription"] == {"text": "A key is not known"}
    assert first["helpUri"].endswith("docs/reference/rules.md#unknown-key")
    assert "To mend it:" in first["help"]["text"]
    assert first["defaultConfiguration"] == {"level": "error"}
    assert second["defaultConfiguration"] == {"level": "warning"}
    assert run["results"][1]["level"] == "warning"


def test_a_rule_of_two_sources_has_both_meanings():
    [rule] = run_of(finding("unknown-estimator"))["tool"]["driver"]["rules"]
    assert "An estimator or transformer does not exist" in rule["shortDescription"]["text"]
    assert "An estimator cannot be used" in rule["shortDescription"]["text"]
    assert rule["properties"]["tags"] == ["specs", "pipeline"]


def test_a_rule_that_nobody_described_stands_by_its_name():
    [rule] = run_of(finding("house-rule"))["tool"]["driver"]["rules"]
    assert rule["id"] == "house-rule"
    assert "helpUri" not in rule


def test_a_policy_names_its_practice():
    rule = Rule(
        id="house-rule",
        source="mergeline.model",
        title="t",
        meaning="m",
        hint="h",
        arises="validate",
        practice=5,
    )
    [described] = run_of(finding("house-rule"), rules=[rule])["tool"]["driver"]["rules"]
    assert described["properties"]["tags"] == ["mergeline.model", "practice-5"]


def test_fingerprints_stay_when_lines_move_and_differ_otherwise():
    one = finding()
    [before] = fingerprints(one)
    assert fingerprints(replace(one, location=Location(one.location.file, 90, 1))) == [before]
    others = [
        finding(message="another"),
        finding(rule="missing-key"),
        finding(file="models/fraud/model.yaml"),
    ]
    assert len({before, *fingerprints(*others)}) == 4
    assert len(set(fingerprints(one, finding(line=9)))) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("add it: - {name: a}", "add it: - {{name: a}}"),
        ("change [+0.1, +0.2]", "change [+0.1, +0.2]"),
        ("see [here](1)", r"see \[here\](1)"),
        ("100 % of \\d", "100 % of \\d"),
    ],
)
def test_placeholders_and_links_are_escaped(text: str, shown: str):
    assert run_of(finding(message=text))["results"][0]["message"] == {"text": shown}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("models/a b/model.yaml", "models/a%20b/model.yaml"),
        ("models/50%/x#y?.yaml", "models/50%25/x%23y%3F.yaml"),
        ("models/größe.yaml", "models/gr%C3%B6%C3%9Fe.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
    ],
)
def test_paths_are_written_as_addresses(file: str, uri: str):
    [result] = run_of(finding(file=file))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == uri


@given(
    st.lists(
        st.builds(
            Finding,
            rule=st.sampled_from(["unknown-key", "house-rule", "unknown-estimator"]),
            severity=st.sampled_from(Severity),
            message=st.text(min_size=1),
            location=st.builds(
                Location, st.text(min_size=1), st.integers(1, 999), st.integers(1, 99)
            ),
            hint=st.none() | st.text(min_size=1),
        ),
        max_size=5,
    )
)
@settings(max_examples=settings().max_examples * 2 // 5)
def test_any_findings_are_valid_sarif(findings):
    run = run_of(*findings)
    prints = [one["partialFingerprints"][FINGERPRINT] for one in run["results"]]
    assert len(set(prints)) == len(findings)


def test_a_refused_pull_request_is_a_log_too(world):
    world.edit("training.yaml", "C: 1.0", "C: 0.8")
    world.push("change")
    number = world.open("change").number
    arguments = ("check", "--pull-request", str(number), "--format", "sarif")
    log = json.loads(world.mergeline(*arguments, expect=1).out)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    [run] = log["runs"]
    [rule] = [one for one in run["tool"]["driver"]["rules"] if one["id"] == "version-not-raised"]
    assert "mergeline.change" in rule["properties"]["tags"]
