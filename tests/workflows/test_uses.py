"""What is read from workflows: environments, secrets, variables, branches, what the App may do."""

from __future__ import annotations

import pytest

from mergeline.errors import UsageError
from mergeline.workflows.uses import Uses, uses_of

ONE = """
on:
  push:
    branches: [trunk]
jobs:
  a:
    environment: {name: release, url: https://example.org}
    steps:
      - with:
          key: ${{ secrets.KEY }}
          token: ${{ secrets.GITHUB_TOKEN }}
          permission-issues: read # to see
      - env: {ADDRESS: "${{ vars.ADDRESS }}"}
  b:
    environment: ${{ matrix.environment }}
    if: vars.PRESENT != ''
    steps:
      - with:
          permission-issues: write
          permission-pull-requests: read
      - env: {PASSWORD: "${{ secrets.PASSWORD }}"}
  c:
    steps:
      - env: {LOOSE: "${{ secrets.LOOSE }}"}
"""
OTHER = """
on: pull_request
jobs:
  a:
    environment: release
    steps:
      - env: {MORE: "${{ secrets.MORE }}"}
      - with:
          permission-issues: read
"""


def test_what_several_jobs_and_workflows_take_together() -> None:
    found = uses_of({"a/one.yml": ONE, "a/other.yaml": OTHER, "a/CODEOWNERS": "* @acme/x"})
    password = frozenset({"PASSWORD"})
    assert found == Uses(
        secrets={
            "release": frozenset({"KEY", "MORE"}),
            "staging": password,
            "production": password,
        },
        named=frozenset({"KEY", "PASSWORD", "LOOSE", "MORE"}),
        vault=dict.fromkeys(("release", "staging", "production"), frozenset()),
        variables=frozenset({"ADDRESS", "PRESENT"}),
        variables_of={
            "release": frozenset({"ADDRESS"}),
            "staging": frozenset({"PRESENT"}),
            "production": frozenset({"PRESENT"}),
        },
        unmerged=frozenset({"release"}),
        branches=frozenset({"trunk"}),
        app={"issues": "write", "pull_requests": "read"},
    )


CALLING = """
on: push
jobs:
  plan:
    steps:
      - env:
          JOBS: |
            {"a": {"data_environment":"data-orders","data_fetched":true},
             "b": {"data_environment":"data-visits","data_fetched":false}}
"""
CALLED = """
on: {workflow_call: {}}
jobs:
  fetch:
    environment: ${{ inputs.data_environment || 'data' }}
    steps:
      - env:
          MLFLOW_TRACKING_URI: ${{ vars.MLFLOW_TRACKING_URI }}
          MLFLOW_TRACKING_PASSWORD: ${{ secrets.MLFLOW_TRACKING_PASSWORD }}
          ORDERS_DATABASE: ${{ secrets.ORDERS_DATABASE }}
"""
JUDGING = """
on: {pull_request: {branches: [main]}}
jobs:
  fetch-a:
    environment: data-orders
    steps:
      - env:
          ORDERS_DATABASE: ${{ secrets.ORDERS_DATABASE }}
"""


def test_the_environment_of_a_dataset_needs_the_secrets_of_that_dataset() -> None:
    found = uses_of({"a.yml": CALLING, "b.yml": CALLED, "c.yml": JUDGING})
    password = frozenset({"MLFLOW_TRACKING_PASSWORD"})
    assert found.secrets == {
        "data": password,
        "data-orders": password | {"ORDERS_DATABASE"},
        "data-visits": password,
    }
    assert found.named == password | {"ORDERS_DATABASE"}
    assert found.unmerged == {"data-orders"}
    assert set(found.variables_of) == set(found.secrets)


@pytest.mark.parametrize("events", ["pull_request", "[push, pull_request]", "{pull_request: }"])
def test_pull_requests_bring_the_workflow_that_runs(events: str) -> None:
    text = f"on: {events}\njobs: {{a: {{environment: data-orders}}}}"
    assert uses_of({"a.yml": text}).unmerged == {"data-orders"}


@pytest.mark.parametrize("text", ["a: [", "- a", ""])
def test_what_is_no_workflow_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"a\.yml is no workflow"):
        uses_of({"a.yml": text})
