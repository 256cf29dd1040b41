from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devforge.workbench import ADA, BO, BOT, REPOSITORY, Workbench, git
from mergeline.errors import RefusedError, ToolError
from mergeline.forge import Comment, CommitStatus, Forge, ForgeSettings

if TYPE_CHECKING:
    from mergeline.forge import PullRequest


def open_pull(bench: Workbench, name: str = "change", **options: object) -> PullRequest:
    bench.branch(name, **options)
    return bench.client().create_pull_request(title=name, body="Why.", head=name, base="main")


def test_login(bench: Workbench) -> None:
    assert bench.client(BO).login() == "bo"


def test_an_app_has_no_login(bench: Workbench) -> None:
    with pytest.raises(ToolError, match="403 to GET /user: Resource not accessible"):
        bench.client(BOT).login()


def test_create_and_read_a_pull_request(bench: Workbench) -> None:
    tip = bench.branch("change")
    base = bench.git("rev-parse", "origin/main")
    opened = bench.client().create_pull_request(
        title="A change", body="Why.", head="change", base="main"
    )
    assert (opened.number, opened.title, opened.body, opened.state) == (
        1,
        "A change",
        "Why.",
        "open",
    )
    assert (opened.head_ref, opened.head_sha) == ("change", tip)
    assert (opened.base_ref, opened.base_sha) == ("main", base)
    assert (opened.author, opened.draft, opened.merged) == ("ada", False, False)
    assert (opened.merged_at, opened.merge_commit_sha) == (None, None)
    assert opened.url == f"{bench.forge.api_url}/{REPOSITORY}/pull/1"
    assert bench.client(BO).pull_request(1) == opened
    assert bench.git("ls-remote", "origin", "refs/pull/1/head").split()[0] == tip


def test_pull_requests_are_filtered(bench: Workbench) -> None:
    one, two = open_pull(bench, "one"), open_pull(bench, "two")
    client = bench.client()
    client.update_pull_request(one.number, state="closed")
    assert [pull.number for pull in client.pull_requests()] == [two.number]
    assert [pull.number for pull in client.pull_requests(state="closed")] == [one.number]
    assert [pull.number for pull in client.pull_requests(state="all")] == [2, 1]
    assert [pull.head_ref for pull in client.pull_requests(head="two")] == ["two"]
    assert client.pull_requests(head="one") == []
    assert client.pull_requests(base="other") == []


def test_update_a_pull_request(bench: Workbench) -> None:
    number = open_pull(bench).number
    client = bench.client()
    assert client.update_pull_request(number, title="New").body == "Why."
    assert client.update_pull_request(number, body="New.").title == "New"
    assert client.update_pull_request(number, state="closed").state == "closed"
    assert client.update_pull_request(number, state="open").state == "open"


@pytest.mark.slow
@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_every_way_of_merging_leads_back_to_the_pull_request(bench: Workbench, method: str) -> None:
    pull = open_pull(bench, files={"a": "1", "b": "2"})
    bench.git("checkout", "-q", "main")
    bench.commit("elsewhere", "3")
    bench.push()
    client = bench.client(BO)
    sha = client.merge_pull_request(pull.number, sha=pull.head_sha, method=method)
    merged = client.pull_request(pull.number)
    assert (merged.state, merged.merged, merged.merge_commit_sha) == ("closed", True, sha)
    assert merged.merged_at is not None
    assert merged.merged_at.utcoffset() is not None
    bench.git("fetch", "-q", "origin")
    assert bench.git("rev-parse", "origin/main") == sha
    assert client.pull_requests_of_commit(sha) == [merged]
    assert bench.git("ls-tree", "-r", "--name-only", sha).split() == [
        "README",
        "a",
        "b",
        "elsewhere",
    ]
    bench.git("push", "-q", "origin", "--delete", "change")
    assert client.pull_request(pull.number) == merged
    assert client.files(pull.number) == ["a", "b"]
    assert len(client.commits(pull.number)) == 2


def test_a_list_may_be_cut_and_asks_for_no_more_pages(bench: Workbench) -> None:
    open_pull(bench, "one", files={"a": "1", "b": "2"})
    open_pull(bench, "two")
    client = bench.client()
    assert [pull.number for pull in client.pull_requests(most=1)] == [2]
    assert client.files(1, most=1) == ["a"]
    assert client.calls == 2


def test_a_commit_pushed_directly_has_no_pull_request(bench: Workbench) -> None:
    open_pull(bench)
    bench.git("checkout", "-q", "main")
    bench.commit("direct", "1")
    assert bench.client().pull_requests_of_commit(bench.push()) == []


def test_a_commit_that_stays_unknown_is_asked_for_again_then_an_error(bench: Workbench) -> None:
    waits: list[float] = []
    client = bench.client(sleep=waits.append)
    with pytest.raises(ToolError, match=r"422 .* No commit found for SHA"):
        client.pull_requests_of_commit("0" * 40)
    assert waits == sorted(waits)
    assert len(waits) == 4


def test_a_commit_that_becomes_known_while_waiting(bench: Workbench) -> None:
    bench.git("checkout", "-q", "-b", "late")
    sha = bench.commit("late", "1")

    def appear(seconds: float) -> None:
        bench.push()

    assert bench.client(sleep=appear).pull_requests_of_commit(sha) == []


def test_a_merge_of_a_moved_head_is_refused(bench: Workbench) -> None:
    pull = open_pull(bench)
    bench.commit("more", "1")
    bench.push()
    with pytest.raises(RefusedError, match="Head branch was modified"):
        bench.client().merge_pull_request(pull.number, sha=pull.head_sha)


def test_a_merge_that_conflicts_is_refused(bench: Workbench) -> None:
    pull = open_pull(bench, files={"README": "mine"})
    bench.git("checkout", "-q", "main")
    bench.commit("README", "theirs")
    bench.push()
    for method in ("merge", "squash", "rebase"):
        with pytest.raises(RefusedError, match="not mergeable"):
            bench.client().merge_pull_request(pull.number, sha=pull.head_sha, method=method)


def test_a_second_pull_request_is_refused(bench: Workbench) -> None:
    open_pull(bench)
    with pytest.raises(RefusedError, match=r"already exists for acme:change\."):
        bench.client().create_pull_request(title="Again", body="", head="change", base="main")


def test_a_pull_request_without_commits_or_branch_is_refused(bench: Workbench) -> None:
    bench.git("push", "-q", "origin", "main:same")
    client = bench.client()
    with pytest.raises(RefusedError, match="No commits between main and same"):
        client.create_pull_request(title="Same", body="", head="same", base="main")
    with pytest.raises(RefusedError, match="PullRequest head invalid"):
        client.create_pull_request(title="None", body="", head="absent", base="main")
    with pytest.raises(RefusedError, match="PullRequest base invalid"):
        client.create_pull_request(title="None", body="", head="same", base="absent")


def test_files_and_commits(bench: Workbench) -> None:
    bench.git("checkout", "-q", "-b", "change")
    by_ada = bench.commit("models/ä b.yaml", "1")
    by_bo = bench.commit("models/c.yaml", "2", user=BO)
    git(bench.clone, "mv", "README", "READ")
    bench.git("-c", "user.name=x", "commit", "-q", "-m", "x", "--author=Nobody <no@body>")
    last = bench.push()
    number = (
        bench.client().create_pull_request(title="t", body="", head="change", base="main").number
    )
    assert bench.client().files(number) == ["READ", "models/c.yaml", "models/ä b.yaml"]
    found = bench.client().commits(number)
    assert [(commit.sha, commit.author, commit.committer) for commit in found] == [
        (by_ada, "ada", "ada"),
        (by_bo, "bo", "bo"),
        (last, None, "ada"),
    ]
    assert found[-1].message == "x"


def test_reviews_are_the_oldest_first(bench: Workbench) -> None:
    pull = open_pull(bench)
    client = bench.client(BO)
    made = [
        client.create_review(pull.number, event="REQUEST_CHANGES", body="No."),
        client.create_review(pull.number, event="COMMENT", body="Well."),
        client.create_review(pull.number, event="APPROVE", commit_id=pull.head_sha),
    ]
    assert client.reviews(pull.number) == made
    assert [review.state for review in made] == ["CHANGES_REQUESTED", "COMMENTED", "APPROVED"]
    assert {review.author for review in made} == {"bo"}
    assert {review.commit_id for review in made} == {pull.head_sha}
    assert all(review.submitted_at for review in made)


def test_a_review_stays_with_the_commit_that_it_saw(bench: Workbench) -> None:
    pull = open_pull(bench)
    bench.client(BO).create_review(pull.number, event="APPROVE")
    bench.commit("more", "1")
    head = bench.push()
    assert bench.client().pull_request(pull.number).head_sha == head
    assert [r.commit_id for r in bench.client().reviews(pull.number)] == [pull.head_sha]


def test_an_author_cannot_approve(bench: Workbench) -> None:
    number = open_pull(bench).number
    with pytest.raises(RefusedError, match="Can not approve your own pull request"):
        bench.client(ADA).create_review(number, event="APPROVE")


def test_comments(bench: Workbench) -> None:
    number = open_pull(bench).number
    client = bench.client(BOT)
    first = client.create_comment(number, "one")
    second = client.create_comment(number, "two ✓")
    assert client.update_comment(first.id, "one again").body == "one again"
    url = f"{bench.forge.api_url}/{REPOSITORY}/pull/{number}#issuecomment-"
    assert client.comments(number) == [
        Comment(first.id, "line[bot]", "one again", f"{url}{first.id}"),
        Comment(second.id, "line[bot]", "two ✓", f"{url}{second.id}"),
    ]
    with pytest.raises(RefusedError, match="too long"):
        client.create_comment(number, "x" * 65_537)


@pytest.mark.slow
def test_lists_longer_than_a_page(bench: Workbench) -> None:
    pull = open_pull(bench)
    client = bench.client()
    with client:
        for number in range(101):
            client.create_comment(pull.number, str(number))
            client.set_status(pull.head_sha, context=f"c{number}", state="success", description="")
        assert [c.body for c in client.comments(pull.number)] == [str(n) for n in range(101)]
        assert len(client.statuses(pull.head_sha)) == 101


def test_statuses_are_the_latest_of_each_context(bench: Workbench) -> None:
    sha = bench.branch("change")
    client = bench.client()
    client.set_status(sha, context="gate", state="pending", description="running")
    client.set_status(sha, context="lint", state="failure", description="x" * 200)
    last = client.set_status(
        sha, context="gate", state="success", description="", target_url="https://x.example"
    )
    assert last == CommitStatus("gate", "success", "")
    assert client.statuses(sha) == [last, CommitStatus("lint", "failure", "x" * 139 + "…")]
    assert client.statuses(bench.git("rev-parse", "main")) == []


def test_not_found(bench: Workbench) -> None:
    with pytest.raises(ToolError, match=r"404 to GET /repos/acme/models/pulls/7: Not Found") as e:
        bench.client().pull_request(7)
    assert "GITHUB_REPOSITORY (acme/models)" in (e.value.hint or "")
    assert bench.forge.api_url in e.value.message


def test_another_repository_is_not_found(bench: Workbench) -> None:
    other = Forge(ForgeSettings(bench.forge.api_url, "acme/other", ADA.token))
    with pytest.raises(ToolError, match="404"):
        other.pull_requests()


def test_a_bad_token_and_none(bench: Workbench) -> None:
    with pytest.raises(ToolError, match="401 to GET /user: Bad credentials") as caught:
        Forge(ForgeSettings(bench.forge.api_url, REPOSITORY, "wr0ng")).login()
    assert "GITHUB_TOKEN" in (caught.value.hint or "")
    assert "wr0ng" not in str(caught.value)
    with pytest.raises(ToolError, match="Requires authentication"):
        Forge(ForgeSettings(bench.forge.api_url, REPOSITORY, None)).login()


def test_proxy_variables_do_not_come_between(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert bench.client().login() == "ada"
