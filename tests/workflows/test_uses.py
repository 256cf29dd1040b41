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
        vault=dict.fromkeys(("release", "staging", "production"), frozenset()),
        variables=frozenset({"ADDRESS", "PRESENT"}),
        variables_of={
            "release": frozenset({"ADDRESS"}),
            "staging": frozenset({"PRESENT"}),
            "production": frozenset({"PRESENT"}),
        },
        branches=frozenset({"trunk"}),
        app={"issues": "write", "pull_requests": "read"},
    )


@pytest.mark.parametrize("text", ["a: [", "- a", ""])
def test_what_is_no_workflow_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"a\.yml is no workflow"):
        uses_of({"a.yml": text})
