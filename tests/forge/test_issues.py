"""Issues, labels, and the branch that a merge leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devforge.workbench import ADA, BO, Workbench
from mergeline.errors import RefusedError, ToolError

if TYPE_CHECKING:
    from mergeline.forge import Issue


def numbers(issues: list[Issue]) -> list[int]:
    return [issue.number for issue in issues]


def test_an_issue_from_opening_to_reopening(bench: Workbench) -> None:
    client = bench.client()
    opened = client.create_issue(title="Drift", body="Why.", labels=["drift", "staging", "drift"])
    assert (opened.number, opened.state, opened.author) == (1, "open", "ada")
    assert opened.labels == ("drift", "staging")
    assert opened.url == f"{bench.forge.api_url}/acme/models/issues/1"
    assert client.issue(1) == opened
    closed = client.update_issue(1, state="closed")
    assert closed.closed_at is not None
    assert (closed.state, closed.title, closed.labels) == ("closed", "Drift", opened.labels)
    again = client.update_issue(1, state="open", title="More", body="New.", labels=["other"])
    assert (again.state, again.closed_at, again.title) == ("open", None, "More")
    assert (again.body, again.labels) == ("New.", ("other",))


def test_issues_are_filtered_and_pull_requests_left_out(bench: Workbench) -> None:
    ada, bo = bench.client(ADA), bench.client(BO)
    ada.create_issue(title="a", body="", labels=["drift", "staging"])
    bo.create_issue(title="b", body="", labels=["drift"])
    bench.branch("change")
    pull = ada.create_pull_request(title="c", body="", head="change", base="main")
    assert pull.number == 3
    assert ada.add_labels(3, ["drift"]) == ["drift"]
    assert ada.pull_request(3).labels == ("drift",)
    assert ada.issue(3).is_pull_request
    assert numbers(ada.issues()) == [2, 1]
    assert numbers(ada.issues(labels=["drift", "staging"])) == [1]
    assert numbers(ada.issues(creator="bo")) == [2]
    bo.update_issue(2, state="closed")
    assert numbers(ada.issues(state="closed")) == [2]
    assert numbers(ada.issues(state="all", labels=["drift"])) == [2, 1]


def test_comments_of_an_issue(bench: Workbench) -> None:
    client = bench.client()
    client.create_issue(title="a", body="")
    made = client.create_comment(1, "text")
    assert made.url == f"{bench.forge.api_url}/acme/models/issues/1#issuecomment-1"
    assert client.comments(1) == [made]
    with pytest.raises(ToolError, match="404"):
        client.create_comment(2, "text")


def test_an_issue_without_a_title_is_refused(bench: Workbench) -> None:
    with pytest.raises(RefusedError, match="Issue title missing_field"):
        bench.client().create_issue(title=" ", body="")


def test_a_branch_is_deleted_once(bench: Workbench) -> None:
    bench.branch("a/change")
    client = bench.client()
    client.delete_branch("a/change")
    assert bench.git("ls-remote", "origin", "a/change") == ""
    with pytest.raises(RefusedError, match="Reference does not exist"):
        client.delete_branch("a/change")
