from __future__ import annotations

import dataclasses

import msgspec
import pytest

from mergeline.errors import ToolError
from mergeline.report.evidence import evidence_of
from mergeline.report.run import run_text
from report import samples


def test_a_run_that_passed_says_value_interval_threshold_and_champion():
    text = run_text(samples.passing())
    assert text.startswith("churn 0.2.0 passed: 4 gates met\n\n")
    row = next(line for line in text.splitlines() if line.startswith("roc_auc"))
    assert " ".join(row.split()) == (
        "roc_auc 0.9977 [0.9922, 1] ≥ 0.985 pass 0.9956 +0.0021 [-0.001, +0.006] pass"
    )
    assert "data      2 of 2 checks met" in text
    assert text.endswith("next: mergeline report churn")


def test_a_run_that_failed_says_where_and_what_is_next():
    text = run_text(samples.failing())
    first = "churn 0.2.0 failed in step evaluate: 1 of 1 gate not met (roc_auc)"
    assert text.splitlines()[0] == first
    assert "champion" not in text
    assert text.endswith("then: mergeline run churn")


def test_a_run_that_was_stopped_early_has_no_table():
    text = run_text(samples.partial())
    assert text.splitlines()[0] == "churn 0.2.0 failed in step data"
    assert "metric" not in text
    assert "data      1 of 2 checks met" in text


def test_no_escape_sequence_reaches_the_terminal():
    text = run_text(samples.passing(metrics=(samples.metric("\x1b[31mred"),)))
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "broken",
    [
        {"metrics": ({"name": 3},)},
        {"evaluation": {"curves": {"candidate": {"roc": {"fpr": [0.0], "tpr": []}}}}},
        {"evaluation": {"confidence": 3}},
        {"timings": {"milliseconds": {"p50": "fast"}}},
        {"data": {"checks": 7}},
    ],
)
def test_what_no_run_writes_is_an_error(broken):
    with pytest.raises(ToolError) as caught:
        evidence_of(samples.passing(**broken))
    assert "cannot be read" in caught.value.message


def test_an_undefined_gate_is_not_met():
    evidence = evidence_of(samples.passing(gates=(samples.gate(passed=None, value=None),)))
    assert len(evidence.unmet) == 1
    assert not dataclasses.is_dataclass(evidence)
    assert msgspec.structs.asdict(evidence)["gates"][0].value is None
