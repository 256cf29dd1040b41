"""Values of a spec that would execute or read something, met by steps without `validate` before.

Nothing here is found by `validate` first: a verdict may be cached, or of another commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mergeline.pipeline.step import StepFailedError
from pipeline.loans import DATA, loans

if TYPE_CHECKING:
    from pipeline.loans import Loans

FILE = "models/loans/loans.parquet"


@pytest.fixture
def work(loans_model):
    loans_model.source("type: file, path: loans.parquet")
    loans().to_parquet(loans_model.root / FILE, index=False)
    return loans_model


def refused(work: Loans, kind: str, kwargs: str) -> list[str]:
    """Run the data step with an expectation; return the messages, all of which are of one rule."""
    expectation = f"    expectations:\n      - type: {kind}\n        kwargs: {{{kwargs}}}\n"
    work.edit(DATA, "target: repaid", f"{expectation}target: repaid")
    with pytest.raises(StepFailedError) as caught:
        work.read()
    assert {finding.rule for finding in caught.value.findings} == {"unsafe-expectation"}
    return [finding.message for finding in caught.value.findings]


EXPECTATIONS = {
    "row_condition": "row_condition: 'number > {command}', condition_parser: pandas",
    "row_condition of Great Expectations' own": (
        "row_condition: 'col(\"number\").notNull()', condition_parser: great_expectations"
    ),
    "a condition as a mapping": (
        "row_condition: {{type: comparison, column: {{name: number}}, operator: '=='}}"
    ),
    "all rows in the results": (
        "result_format: {{result_format: COMPLETE, include_unexpected_rows: true}}"
    ),
    "an exception that counts as nothing": "catch_exceptions: false",
    "a severity": "severity: info",
    "a note": "notes: x",
}


@pytest.mark.parametrize("argument", EXPECTATIONS.values(), ids=EXPECTATIONS)
def test_an_argument_that_is_not_plain(argument, work, tmp_path):
    mark = tmp_path / "executed"
    command = f'@pd.io.common.os.system("touch {mark}")'
    given = f"column: number, min_value: 0, {argument.format(command=command)}"
    for message in refused(work, "expect_column_values_to_be_between", given):
        assert "is not allowed" in message
    assert not mark.exists()


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("match_json_schema", 'column: number, json_schema: {$ref: "file:///etc/passwd"}'),
        ("be_between", "column: number, min_value: {$PARAMETER: 'now()'}"),
        ("be_between", "column: number, min_value: 1, max_value: [{$PARAMETER: x}]"),
        ("be_increasing", "column: number, row_condition: 'True', condition_parser: pandas"),
    ],
)
def test_a_value_that_is_looked_up(kind, kwargs, work):
    refused(work, f"expect_column_values_to_{kind}", kwargs)


@pytest.mark.parametrize(
    "what", ["query_results_to_match_comparison", "table_row_count_to_equal_other_table"]
)
def test_an_expectation_that_asks_elsewhere(what, work):
    refused(work, f"expect_{what}", "other_table_name: x")


def test_an_expectation_without_a_schema_still_serves(work):
    expectation = "expect_column_values_to_be_increasing\n        kwargs: {column: number}\n"
    work.edit(
        DATA, "target: repaid", f"    expectations:\n      - type: {expectation}target: repaid"
    )
    work.read()
