"""A waiver turns an error into a warning for a while, and never more than that."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mergeline.findings import Finding, Location, Severity
from mergeline.policy import PolicyLibrary
from mergeline.policy.embedded import EmbeddedEngine
from mergeline.policy.waivers import NOT_WAIVABLE, load_waivers
from mergeline.policy.waiving import WaivingEngine, waiver_findings, with_waivers
from mergeline.specs.tree import WorkingTree

RULE = """package mergeline.model

deny contains {"id": "too-big", "msg": "it is too big", "path": "/model", "hint": "h"} if input.big

deny contains {"id": "release-edited", "msg": "m", "path": "/model", "hint": "h"} if input.edited

warn contains {"id": "odd", "msg": "m", "path": "/model", "hint": "h"} if input.odd
"""
LIBRARY = PolicyLibrary.of({"policies/a.rego": RULE})
WAIVER = {
    "apiVersion": "mergeline.dev/v1",
    "kind": "Waiver",
    "rule": "too-big",
    "model": "loans",
    "owner": "team-credit",
    "reason": "It shrinks with the release of April.",
    "expires": "2025-03-31",
}
LAST_DAY = datetime(2025, 3, 31, 23, 59, 59, tzinfo=UTC)
DAY_AFTER = datetime(2025, 4, 1, tzinfo=UTC)


@pytest.fixture
def write(tmp_path):
    (tmp_path / "waivers").mkdir()

    def write(name="april", **changes):
        lines = [f'{key}: "{value}"\n' for key, value in {**WAIVER, **changes}.items()]
        (tmp_path / "waivers" / f"{name}.yaml").write_text("".join(lines))
        return load_waivers(WorkingTree(tmp_path))

    return write


def judged(waivers, clock, library=LIBRARY, **document):
    engine = WaivingEngine(EmbeddedEngine(library), waivers, lambda: clock)
    return engine.evaluate("mergeline.model", {"model": "loans", **document})


def brief(results):
    return [(one.id, str(one.severity)) for one in results]


def test_an_error_becomes_a_warning_that_names_the_waiver(write):
    [result] = judged(write(), LAST_DAY, big=True)
    assert brief([result]) == [("too-big", "warning")]
    assert result.message == (
        "it is too big; waived until 2025-03-31 by waiver april "
        "(team-credit: It shrinks with the release of April)"
    )


def test_the_day_after_it_is_denied_again(write):
    results = judged(write(), DAY_AFTER, big=True)
    assert brief(results) == [("too-big", "error"), ("waiver-expired", "error")]
    assert results[1].message == "waiver april of rule too-big ended on 2025-03-31"


def test_of_two_the_one_that_holds_counts(write):
    write("old", expires="2024-01-01")
    assert brief(judged(write(), LAST_DAY, big=True)) == [("too-big", "warning")]


@pytest.mark.parametrize("changes", [{"model": "others"}, {"rule": "odd"}])
def test_another_model_or_rule_is_not_waived(write, changes):
    assert brief(judged(write(**changes), LAST_DAY, big=True)) == [("too-big", "error")]


def test_a_warning_stays_as_it_is(write):
    [result] = judged(write(rule="odd"), LAST_DAY, odd=True)
    assert result.message == "m"


def test_what_binds_an_approval_cannot_be_waived(write):
    waivers = write(rule="release-edited")
    assert brief(judged(waivers, LAST_DAY, edited=True)) == [("release-edited", "error")]
    [finding] = waiver_findings(waivers, LIBRARY, {"loans"})
    assert finding.rule == "waiver-not-allowed"


def test_the_organisation_says_what_cannot_be_waived(write):
    library = PolicyLibrary.of(
        {"policies/a.rego": RULE}, {"organization": {"not_waivable": ["too-big"]}}
    )
    assert brief(judged(write(), LAST_DAY, library, big=True)) == [("too-big", "error")]


def test_the_reference_repository_keeps_all_that_is_kept_by_default():
    root = WorkingTree(Path(__file__).parents[2])
    said = PolicyLibrary.load(root).data["organization"]["not_waivable"]
    assert set(said) >= NOT_WAIVABLE


@pytest.mark.parametrize(
    ("changes", "rule", "words", "line"),
    [
        ({"rule": "too-bag"}, "waiver-unknown-rule", 'there is no policy rule "too-bag"', 3),
        ({"model": "lones"}, "waiver-unknown-model", 'there is no model "lones"', 4),
        ({"expires": "2025-02-30"}, "waiver-date", "2025-02-30 is no day of the calendar", 7),
        ({"expires": "soon"}, "wrong-format", "", 7),
        ({"reason": "short"}, "too-short", "", 6),
        ({"kind": "Model"}, "unknown-kind", 'kind "Model" does not fit', 2),
    ],
)
def test_a_waiver_that_is_wrong_is_a_finding_and_waives_nothing(write, changes, rule, words, line):
    waivers = write(**changes)
    [finding] = waiver_findings(waivers, LIBRARY, {"loans"})
    assert finding.severity is Severity.ERROR
    assert words in finding.message
    assert (finding.location.file, finding.location.line) == ("waivers/april.yaml", line)
    assert brief(judged(waivers, LAST_DAY, big=True)) == [("too-big", "error")]
    if words:
        assert finding.rule == rule


def found(rule="too-big", file="models/loans/model.yaml"):
    return Finding(rule, Severity.ERROR, "it is too big", Location(file, 3, 1), "h")


def test_findings_are_waived_as_results_are(write):
    [waived] = with_waivers([found()], write(), LIBRARY, LAST_DAY)
    assert (waived.severity, waived.location) == (Severity.WARNING, found().location)
    assert "by waiver april" in waived.message
    denied, expired = with_waivers([found()], write(), LIBRARY, DAY_AFTER)
    assert denied == found()
    assert (expired.rule, expired.severity) == ("waiver-expired", Severity.ERROR)
    assert str(expired.location).startswith("waivers/april.yaml:7:")


def test_a_waiver_that_waives_nothing_is_a_finding(write):
    other = found(file="models/others/model.yaml")
    kept, unused = with_waivers([other], write(), LIBRARY, LAST_DAY)
    assert kept == other
    assert (unused.rule, unused.severity) == ("waiver-unused", Severity.WARNING)


def test_a_finding_of_a_spec_is_no_policys(write):
    shape = found(rule="unknown-key")
    assert shape in with_waivers([shape], write(rule="unknown-key"), LIBRARY, LAST_DAY)


def test_no_waiver_at_all(tmp_path):
    waivers = load_waivers(WorkingTree(tmp_path))
    assert with_waivers([found()], waivers, LIBRARY, LAST_DAY) == [found()]
