"""Pull requests follow their branches, and merges are made as GitHub makes them."""

from __future__ import annotations

import pytest

from devforge.workbench import ADA, BO, Workbench
from mergeline.devforge.paging import cut_page
from mergeline.errors import RefusedError


def opened(bench: Workbench, name: str = "change", **options: object) -> str:
    head = bench.branch(name, **options)
    bench.client().create_pull_request(title="A change", body="", head=name, base="main")
    return head


def show(bench: Workbench, sha: str, form: str) -> str:
    bench.git("fetch", "-q", "origin")
    return bench.git("show", "-s", f"--format={form}", sha)


def test_a_merge_commit(bench: Workbench) -> None:
    head = opened(bench)
    main = bench.git("rev-parse", "origin/main")
    sha = bench.client(BO).merge_pull_request(1, sha=head)
    assert show(bench, sha, "%P") == f"{main} {head}"
    assert show(bench, sha, "%B") == "Merge pull request #1 from acme/change\n\nA change"
    assert show(bench, sha, "%an %ae|%cn %ce") == "Bo bo@example.org|GitHub noreply@github.com"
    with bench.http() as http:
        assert http.get("/pulls/1").json()["merged_by"]["login"] == "bo"
        tip = http.get("/branches/main").json()["commit"]
    assert (tip["sha"], tip["author"]["login"], tip["committer"]["login"]) == (
        sha,
        "bo",
        "web-flow",
    )


def test_a_squash(bench: Workbench) -> None:
    head = opened(bench, files={"a": "1", "b": "2"})
    main = bench.git("rev-parse", "origin/main")
    sha = bench.client(BO).merge_pull_request(1, sha=head, method="squash")
    assert show(bench, sha, "%P") == main
    assert show(bench, sha, "%B") == "A change (#1)\n\n* write a\n\n* write b"
    assert show(bench, sha, "%an|%cn") == "Ada|GitHub"


@pytest.mark.slow
def test_a_rebase(bench: Workbench) -> None:
    head = opened(bench, files={"a": "1", "b": "2"})
    bench.git("checkout", "-q", "main")
    bench.commit("c", "3")
    main = bench.push()
    client = bench.client(BO)
    sha = client.merge_pull_request(1, sha=head, method="rebase")
    assert show(bench, sha, "%s|%an|%cn") == "write b|Ada|Bo"
    assert bench.git("rev-parse", f"{sha}~2") == main
    for commit in (sha, f"{sha}~1", head, f"{head}~1"):
        found = client.pull_requests_of_commit(bench.git("rev-parse", commit))
        assert [pull.number for pull in found] == [1]


def test_an_open_pull_request_is_found_by_its_commits(bench: Workbench) -> None:
    head = opened(bench, files={"a": "1", "b": "2"})
    client = bench.client()
    for commit in (head, f"{head}~1"):
        found = client.pull_requests_of_commit(bench.git("rev-parse", commit))
        assert [pull.number for pull in found] == [1]
    assert client.pull_requests_of_commit(bench.git("rev-parse", f"{head}~2")) == []


@pytest.mark.slow
def test_a_head_pushed_to_the_base_marks_it_as_merged_by_nobody(bench: Workbench) -> None:
    head = opened(bench)
    bench.git("push", "-q", "origin", f"{head}:main")
    pull = bench.client().pull_request(1)
    assert (pull.merged, pull.merge_commit_sha) == (True, head)
    assert bench.client().pull_requests_of_commit(head) == [pull]
    with bench.http() as http:
        assert http.get("/pulls/1").json()["merged_by"] is None


def test_a_merge_pushed_to_the_base_is_taken_for_the_merge(bench: Workbench) -> None:
    """Whatever else it holds, and whatever came upon it."""
    head = opened(bench)
    bench.git("switch", "-q", "main")
    bench.git("merge", "-q", "--no-ff", "--no-commit", head)
    bench.commit("more.txt", "1")
    merge = bench.git("rev-parse", "HEAD")
    bench.commit("later.txt", "1")
    bench.push()
    pull = bench.client().pull_request(1)
    assert (pull.merged, pull.merge_commit_sha) == (True, merge)
    assert bench.client().pull_requests_of_commit(merge) == [pull]
    assert bench.client().pull_requests_of_commit(bench.git("rev-parse", "HEAD")) == []


@pytest.mark.slow
def test_a_deleted_head_closes_and_can_be_read(bench: Workbench) -> None:
    head = opened(bench)
    bench.git("push", "-q", "origin", "--delete", "change")
    client = bench.client()
    pull = client.pull_request(1)
    assert (pull.state, pull.merged, pull.head_sha) == ("closed", False, head)
    assert len(client.commits(1)) == 1
    assert client.files(1) == ["change.txt"]
    with pytest.raises(RefusedError, match="state cannot be changed"):
        client.update_pull_request(1, state="open")
    with pytest.raises(RefusedError, match="not mergeable"):
        client.merge_pull_request(1, sha=head)


def test_a_head_put_back_to_the_base_closes(bench: Workbench) -> None:
    opened(bench)
    bench.git("push", "-q", "--force", "origin", "origin/main:change")
    pull = bench.client().pull_request(1)
    assert (pull.state, pull.merged) == ("closed", False)


@pytest.mark.slow
def test_a_rewritten_head_is_followed(bench: Workbench) -> None:
    opened(bench)
    bench.git("commit", "-q", "--amend", "-m", "again")
    head = bench.push("--force")
    assert bench.client().pull_request(1).head_sha == head
    assert [commit.sha for commit in bench.client().commits(1)] == [head]


@pytest.mark.slow
def test_a_merged_pull_request_stays_merged(bench: Workbench) -> None:
    head = opened(bench)
    client = bench.client()
    client.merge_pull_request(1, sha=head)
    with pytest.raises(RefusedError, match="not mergeable"):
        client.merge_pull_request(1, sha=head)
    with pytest.raises(RefusedError, match="state cannot be changed"):
        client.update_pull_request(1, state="open")
    bench.commit("later", "1")
    bench.push()
    assert client.pull_request(1).head_sha == head
    # The branch has a commit that main does not have, so it can be proposed again.
    again = client.create_pull_request(title="Again", body="", head="change", base="main")
    assert [commit.author for commit in client.commits(again.number)] == [ADA.login]


def test_histories_without_a_common_ancestor_do_not_merge(bench: Workbench) -> None:
    bench.git("checkout", "-q", "--orphan", "change")
    head = bench.commit("other", "1")
    bench.push()
    client = bench.client()
    client.create_pull_request(title="t", body="", head="change", base="main")
    with pytest.raises(RefusedError, match="not mergeable"):
        client.merge_pull_request(1, sha=head)


def test_links_lead_through_the_pages(bench: Workbench) -> None:
    opened(bench)
    with bench.client() as client:
        for number in range(5):
            client.create_comment(1, str(number))
    with bench.http() as http:
        response = http.get("/issues/1/comments", params={"per_page": 2})
        assert set(response.links) == {"next", "last"}
        seen = [comment["body"] for comment in response.json()]
        while "next" in response.links:
            response = http.get(response.links["next"]["url"])
            seen += [comment["body"] for comment in response.json()]
        assert seen == ["0", "1", "2", "3", "4"]
        assert set(response.links) == {"prev", "first"}
        assert http.get("/issues/1/comments", params={"page": 9}).json() == []


def test_a_page_size_that_is_no_number_is_githubs_own() -> None:
    page, link = cut_page(list(range(31)), {"per_page": "x"}, "https://x.example")
    assert page == list(range(30))
    assert link is not None
