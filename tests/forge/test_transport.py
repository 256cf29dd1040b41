from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from forge.canned import Canned, serving
from mergeline.errors import RefusedError, ToolError
from mergeline.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from collections.abc import Callable

PULL = {
    "number": 1,
    "title": "t",
    "body": None,
    "state": "open",
    "user": None,
    "html_url": "https://x.example",
    "merged_at": None,
    "merge_commit_sha": "f" * 40,
    "head": {"ref": "h", "sha": "a" * 40},
    "base": {"ref": "b", "sha": "b" * 40},
}


def test_an_unreachable_forge_is_tried_again_then_an_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        waits: list[float] = []
        forge = Forge(ForgeSettings(url, "acme/models", "t0ken"), sleep=waits.append)
        with pytest.raises(
            ToolError, match=r"could not be asked POST .*/pulls: .*refused"
        ) as error:
            forge.create_pull_request(title="t", body="", head="h", base="b")
    assert url in error.value.message
    assert "GITHUB_API_URL" in (error.value.hint or "")
    assert len(waits) == 3
    assert "t0ken" not in f"{error.value} {error.value.hint}"


def test_an_unknown_host_is_an_error() -> None:
    settings = ForgeSettings("http://forge.invalid", "acme/models")
    with pytest.raises(ToolError, match=r"http://forge\.invalid could not be asked GET /user"):
        Forge(settings, sleep=lambda seconds: None).login()


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with serving(Canned(200, {"login": "eve"})) as other:
        there = {"Location": f"{other.settings.api_url}/user"}
        with (
            serving(Canned(302, None, there)) as script,
            pytest.raises(ToolError, match=r"a redirect to 127\.0\.0\.1, which is another host"),
        ):
            Forge(script.settings).login()
        assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed_on_its_host(status: int) -> None:
    moved = Canned(status, None, {"Location": "/repositories/7/pulls/1"})
    with serving(moved, Canned(200, PULL)) as script:
        assert Forge(script.settings).pull_request(1).number == 1
        assert script.asked[-1] == "GET /repositories/7/pulls/1"


def test_redirects_end() -> None:
    with (
        serving(Canned(302, None, {"Location": "/user"})) as script,
        pytest.raises(ToolError, match="one redirect after the other"),
    ):
        Forge(script.settings).login()


def test_a_fault_is_waited_out_when_asking_twice_is_safe() -> None:
    waits: list[float] = []
    with serving(Canned(502, b"<html>"), Canned(503), Canned(200, PULL)) as script:
        assert Forge(script.settings, sleep=waits.append).pull_request(1).number == 1
    assert len(script.asked) == 3
    assert waits == sorted(waits)


def test_a_fault_that_stays_is_an_error() -> None:
    with serving(Canned(502, b"<html>Bad gateway")) as script:
        forge = Forge(script.settings, sleep=lambda seconds: None)
        with pytest.raises(ToolError, match="502 to GET /user: Bad Gateway") as caught:
            forge.login()
    assert len(script.asked) == 4
    assert "githubstatus" in (caught.value.hint or "")


FAULT = Canned(502, {"message": "Server Error"})
ISSUE = {
    "number": 1,
    "title": "t",
    "body": "b",
    "state": "open",
    "user": None,
    "html_url": "https://x.example",
    "labels": [{"name": "drift"}],
    "created_at": "2024-09-12T08:30:00Z",
}
MERGED = {**PULL, "merged_at": "2024-09-12T08:30:00Z", "state": "closed"}
MERGE = {"sha": "f" * 40, "merged": True, "message": "m"}


def open_pull(forge: Forge) -> object:
    return forge.create_pull_request(title="t", body="", head="h", base="b").number


def merge(forge: Forge) -> object:
    return forge.merge_pull_request(1, sha="a" * 40)


def open_issue(forge: Forge) -> object:
    return forge.create_issue(title="t", body="b", labels=["drift"]).number


def set_status(forge: Forge) -> object:
    return forge.set_status("a", context="gate", state="success", description="").context


STATUS = {"context": "gate", "state": "success"}


@pytest.mark.parametrize(
    ("ask", "later", "methods", "answer"),
    [
        (open_pull, [Canned(200, [PULL])], "POST GET", 1),
        (open_pull, [Canned(200, []), Canned(201, PULL)], "POST GET POST", 1),
        (merge, [Canned(200, MERGED)], "PUT GET", "f" * 40),
        (merge, [Canned(200, PULL), Canned(200, MERGE)], "PUT GET PUT", "f" * 40),
        (open_issue, [Canned(200, [ISSUE])], "POST GET", 1),
        (
            open_issue,
            [Canned(200, [{**ISSUE, "body": "other"}]), Canned(201, {**ISSUE, "number": 2})],
            "POST GET POST",
            2,
        ),
        (set_status, [Canned(201, STATUS)], "POST POST", "gate"),
    ],
)
def test_what_may_have_been_done_is_looked_for_before_it_is_done_again(
    ask: Callable[[Forge], object], later: list[Canned], methods: str, answer: object
) -> None:
    with serving(FAULT, *later) as script:
        assert ask(Forge(script.settings, sleep=lambda seconds: None)) == answer
        assert " ".join(asked.split()[0] for asked in script.asked) == methods


@pytest.mark.parametrize(
    ("ask", "times"),
    [
        (open_pull, 2),
        (merge, 2),
        (lambda forge: forge.create_comment(1, "text"), 1),
        (lambda forge: forge.create_issue(title="t", body="b"), 1),
        (lambda forge: forge.delete_branch("x"), 1),
    ],
)
def test_a_change_is_asked_for_twice_at_most(ask: Callable[[Forge], object], times: int) -> None:
    looked = Canned(200, PULL if ask is merge else [])
    answers = [FAULT, *([looked, FAULT] if times == 2 else [])]
    with serving(*answers) as script:
        with pytest.raises(ToolError, match="502"):
            ask(Forge(script.settings, sleep=lambda seconds: None))
        assert sum(not asked.startswith("GET") for asked in script.asked) == times


LIMITED = {"message": "You have exceeded a secondary rate limit"}
NOW = 1_726_129_800.0


def used_up(seconds: int) -> dict[str, str]:
    return {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + seconds)}


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        (403, {"Retry-After": "7"}, 7.0),
        (429, {"Retry-After": "0"}, 0.5),
        (403, used_up(30), 30.0),
        (429, used_up(-30), 0.5),
        (403, {}, 60.0),
    ],
)
def test_a_short_rate_limit_is_waited_out_by_a_change_too(
    status: int, headers: dict[str, str], waited: float
) -> None:
    waits: list[float] = []
    with serving(Canned(status, LIMITED, headers), Canned(201, PULL)) as script:
        assert open_pull(Forge(script.settings, sleep=waits.append, now=lambda: NOW)) == 1
    assert waits == [waited]


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, used_up(3600)])
def test_a_long_rate_limit_is_an_error_that_says_until_when(headers: dict[str, str]) -> None:
    waits: list[float] = []
    with (
        serving(Canned(429, LIMITED, headers)) as script,
        pytest.raises(ToolError, match=r"429 .*rate limit") as caught,
    ):
        Forge(script.settings, sleep=waits.append, now=lambda: NOW).login()
    assert "until 2024-09-12T09:30:00Z" in (caught.value.hint or "")
    assert (caught.value.exit_code, waits) == (3, [])


def test_a_rate_limit_that_never_ends_is_an_error() -> None:
    waits: list[float] = []
    with serving(Canned(429, LIMITED, {"Retry-After": "9"})) as script:
        with pytest.raises(ToolError, match="429"):
            Forge(script.settings, sleep=waits.append).login()
        assert len(script.asked) == 4
    assert waits == [9.0, 9.0, 9.0]


def test_a_permission_that_is_missing_is_not_waited_for() -> None:
    refused = {"message": "Resource not accessible by integration"}
    with serving(Canned(403, refused, {"x-ratelimit-remaining": "10"})) as script:
        with pytest.raises(ToolError, match="403"):
            Forge(script.settings, sleep=pytest.fail).login()
        assert len(script.asked) == 1


def test_a_retry_after_that_is_no_number_is_an_error() -> None:
    headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}
    with (
        serving(Canned(429, LIMITED, headers)) as script,
        pytest.raises(ToolError, match="could not be asked"),
    ):
        Forge(script.settings, sleep=lambda seconds: None).login()


def test_a_slow_forge_is_an_error() -> None:
    hold = threading.Event()
    with serving(Canned(200, {"login": "ada"}, hold=hold)) as script:
        forge = Forge(script.settings, timeout=0.05, sleep=lambda seconds: None)
        with pytest.raises(ToolError, match="timed out"):
            forge.login()
        hold.set()


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"", b"\xff\xfe", b"{"])
def test_an_answer_that_is_not_json(body: bytes) -> None:
    with (
        serving(Canned(200, body)) as script,
        pytest.raises(ToolError, match="not GitHub's: not JSON") as caught,
    ):
        Forge(script.settings).login()
    assert "GITHUB_API_URL" in (caught.value.hint or "")


@pytest.mark.parametrize("body", [[], {}, None, {**PULL, "state": "odd"}, {**PULL, "number": "1"}])
def test_an_answer_of_another_form(body: object) -> None:
    with (
        serving(Canned(200, body)) as script,
        pytest.raises(ToolError, match="with a pull request in a form that is not GitHub's"),
    ):
        Forge(script.settings).pull_request(1)


def test_a_list_that_is_none() -> None:
    with serving(Canned(200, {"a": 1})) as script, pytest.raises(ToolError, match="not a list"):
        Forge(script.settings).pull_requests()


def test_a_user_without_login() -> None:
    with serving(Canned(200, {})) as script, pytest.raises(ToolError, match="no login"):
        Forge(script.settings).login()


def test_a_gone_author_is_a_ghost_and_a_test_merge_is_no_merge() -> None:
    with serving(Canned(200, PULL)) as script:
        pull = Forge(script.settings).pull_request(1)
    assert (pull.author, pull.body, pull.merge_commit_sha) == ("ghost", "", None)


def test_a_merge_that_did_not_merge_is_refused() -> None:
    answer = {"sha": "a" * 40, "merged": False, "message": "no"}
    with serving(Canned(200, answer)) as script, pytest.raises(RefusedError):
        Forge(script.settings).merge_pull_request(1, sha="a")


def test_pages_are_counted_on_the_configured_forge() -> None:
    elsewhere = {"Link": '<https://elsewhere.example/x?page=2>; rel="next"'}
    with serving(Canned(200, [PULL], elsewhere), Canned(200, [PULL])) as script:
        assert len(Forge(script.settings).pull_requests()) == 2
    assert [asked.partition("?")[2] for asked in script.asked] == [
        "state=open&per_page=100&page=1",
        "state=open&per_page=100&page=2",
    ]


def test_a_page_is_not_asked_for_once_there_is_enough() -> None:
    more = {"Link": '<https://elsewhere.example/x?page=2>; rel="next"'}
    with serving(Canned(200, [PULL], more)) as script:
        forge = Forge(script.settings)
        assert len(forge.pull_requests(most=1)) == 1
    assert (len(script.asked), forge.calls) == (1, 1)


def test_the_path_of_an_enterprise_servers_api_is_kept() -> None:
    with serving(Canned(200, [PULL])) as script:
        script.prefix = "/api/v3"
        Forge(script.settings).pull_requests(head="a/b", base="main")
    assert script.asked == [
        "GET /api/v3/repos/acme/models/pulls"
        "?state=open&head=acme%3Aa%2Fb&base=main&per_page=100&page=1"
    ]


def test_more_commits_than_github_lists_is_an_error() -> None:
    commit = {"sha": "a" * 40, "author": {}, "committer": None, "commit": {"message": "m"}}
    counted = {**PULL, "commits": 251, "changed_files": 1}
    with (
        serving(Canned(200, [commit] * 250), Canned(200, counted)) as script,
        pytest.raises(ToolError, match="251 commits, of which GitHub lists 250"),
    ):
        Forge(script.settings).commits(1)
    whole = {**counted, "commits": 250}
    with serving(Canned(200, [commit] * 250), Canned(200, whole)) as script:
        assert len(Forge(script.settings).commits(1)) == 250


def test_more_files_than_github_lists_is_an_error() -> None:
    counted = {**PULL, "commits": 1, "changed_files": 3001}
    with (
        serving(Canned(200, [{"filename": "f"}] * 3000), Canned(200, counted)) as script,
        pytest.raises(ToolError, match="3001 changed files, of which GitHub lists 3000"),
    ):
        Forge(script.settings).files(1)


def test_importing_the_client_loads_nothing_heavy() -> None:
    code = (
        "import sys, mergeline.forge as f; f.Forge(f.ForgeSettings('http://x', 'a/b'));"
        "print(sorted({'githubkit', 'httpx', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
