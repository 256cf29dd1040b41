"""Every endpoint, with every status it gives, against GitHub's published description."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from devforge.description import Exchange
from devforge.workbench import ADA, BO, BOT, REPOSITORY, Clock, Workbench, make_workbench
from mergeline.devforge import (
    Actions,
    Bypass,
    DeployKey,
    DevelopmentForge,
    Environment,
    ForgeConfig,
    Installation,
    Protection,
    Rules,
    Ruleset,
    User,
)
from mergeline.devforge.endpoints.table import ENDPOINTS
from mergeline.devforge.receive import PUSHER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from devforge.judging import Judge

ADMIN = structs.replace(ADA, role="admin")
READER = User("eve", "Eve", "eve@example.org", "token-eve", role="read")
NOBODY = User("nobody", "Nobody", "nobody@example.org", "wr0ng")
EVERY_RULE = {
    "required_status_checks": ("gate",),
    "status_checks_app": "github-actions",
    "strict_status_checks": True,
    "required_approving_review_count": 1,
    "dismiss_stale_reviews": True,
    "require_code_owner_reviews": True,
    "require_last_push_approval": True,
}
SETTINGS = Actions(
    allowed_actions="selected",
    secrets=("A",),
    organization_secrets=("D",),
    variables={"B": "c"},
)
CONFIG = ForgeConfig(
    REPOSITORY,
    users=(ADMIN, structs.replace(BO, outside=True), READER, BOT),
    protection=Protection(**EVERY_RULE),
    rulesets=(
        Ruleset(
            name="main",
            rules=Rules(**EVERY_RULE),
            enforcement="evaluate",
            bypass=(Bypass(type="RepositoryRole", name="admin"),),
        ),
        Ruleset(name="every", branches="~ALL", rules=Rules(allow_deletions=True)),
    ),
    teams={"risk": ("bo",)},
    actions=SETTINGS,
    environments=(
        Environment(
            name="production",
            reviewers=("bo",),
            wait_timer=1,
            branches=("main",),
            tags=("v1",),
            secrets=("A",),
            variables={"B": "c"},
        ),
    ),
    installations=(Installation(slug="line", permissions={"contents": "write"}),),
    deploy_keys=(DeployKey(title="mirror"),),
)
REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{number:int}"
ISSUE = REPO + "/issues/{number:int}"
BRANCH = REPO + "/branches/{branch:path}"
ENVIRONMENT = REPO + "/environments/{name:path}"
FORKS = REPO + "/actions/permissions/fork-pr-"
ORGANIZATION = "/orgs/{org}"
OPENING = {"title": "t", "head": "second", "base": "main"}
ABSENT = {"number": "99", "id": "99", "branch": "absent", "name": "absent", "slug": "absent"}
OF_NOBODY = "0" * 40


@dataclass(frozen=True)
class Case:
    method: str
    path: str
    status: int = 200
    body: object = None
    who: User = BO
    given: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("GET", "/user"),
    Case("GET", "/user", 401, who=NOBODY),
    Case("GET", "/user", 403, who=BOT),
    Case("GET", REPO),
    Case("GET", REPO, 404, given={"repo": "other"}),
    Case("GET", BRANCH),
    Case("GET", BRANCH, 404, given=ABSENT),
    Case("GET", BRANCH + "/protection", given={"branch": "main"}, who=ADMIN),
    Case("GET", BRANCH + "/protection", 404, who=ADMIN),
    Case("GET", BRANCH + "/protection", 404, given=ABSENT, who=ADMIN),
    Case("GET", BRANCH + "/protection", 404, given={"branch": "main"}),
    Case("GET", REPO + "/rules/branches/{branch:path}", query={"per_page": "1"}),
    Case("GET", REPO + "/rulesets"),
    Case("GET", REPO + "/rulesets/{id:int}"),
    Case("GET", REPO + "/rulesets/{id:int}", who=ADMIN),
    Case("GET", REPO + "/rulesets/{id:int}", 404, given=ABSENT),
    Case("GET", REPO + "/codeowners/errors"),
    Case("GET", REPO + "/keys", who=ADMIN),
    Case("GET", REPO + "/keys", 404),
    Case("GET", REPO + "/collaborators", query={"affiliation": "outside", "permission": "push"}),
    Case("GET", REPO + "/collaborators", 403, who=READER),
    Case("GET", REPO + "/collaborators/{username}/permission"),
    Case("GET", REPO + "/collaborators/{username}/permission", 404, given={"username": "x"}),
    Case("GET", ORGANIZATION + "/teams/{slug}/members", query={"page": "1"}),
    Case("GET", ORGANIZATION + "/teams/{slug}/members", 404, given=ABSENT),
    Case("GET", ORGANIZATION + "/teams/{slug}/members", 404, given={"org": "other"}),
    Case("GET", ORGANIZATION + "/installations", who=ADMIN),
    Case("GET", ORGANIZATION + "/installations", 403),
    Case("GET", "/apps/{slug}", given={"slug": "github-actions"}),
    Case("GET", "/apps/{slug}", given={"slug": "line"}),
    Case("GET", "/apps/{slug}", 404),
    Case("GET", "/installation/repositories", who=BOT),
    Case("GET", "/installation/repositories", 403),
    Case("GET", REPO + "/environments"),
    Case("GET", ENVIRONMENT + "/deployment-branch-policies"),
    Case("GET", ENVIRONMENT + "/deployment-branch-policies", 404, given=ABSENT),
    Case("GET", ENVIRONMENT + "/secrets"),
    Case("GET", ENVIRONMENT + "/secrets", 403, who=READER),
    Case("GET", ENVIRONMENT + "/secrets", 404, given=ABSENT),
    Case("GET", ENVIRONMENT + "/variables"),
    Case("GET", ENVIRONMENT + "/variables", 403, who=READER),
    Case("GET", ENVIRONMENT + "/variables", 404, given=ABSENT),
    Case("GET", REPO + "/actions/secrets"),
    Case("GET", REPO + "/actions/secrets", 403, who=READER),
    Case("GET", REPO + "/actions/organization-secrets"),
    Case("GET", REPO + "/actions/organization-secrets", 403, who=READER),
    Case("GET", REPO + "/actions/variables"),
    Case("GET", REPO + "/actions/variables", 403, who=READER),
    Case("GET", REPO + "/actions/permissions", who=ADMIN),
    Case("GET", REPO + "/actions/permissions", 403),
    Case("GET", REPO + "/actions/permissions/selected-actions", who=ADMIN),
    Case("GET", REPO + "/actions/permissions/selected-actions", 403),
    Case("GET", REPO + "/actions/permissions/workflow", who=ADMIN),
    Case("GET", REPO + "/actions/permissions/workflow", 403),
    Case("GET", FORKS + "contributor-approval", who=ADMIN),
    Case("GET", FORKS + "contributor-approval", 403),
    Case("GET", FORKS + "workflows-private-repos", who=ADMIN),
    Case("GET", FORKS + "workflows-private-repos", 403),
    Case("GET", REPO + "/pulls"),
    Case("GET", REPO + "/pulls", query={"state": "all", "head": "acme:dir/first"}),
    Case("POST", REPO + "/pulls", 201, OPENING),
    Case("POST", REPO + "/pulls", 400, b"{"),
    Case("POST", REPO + "/pulls", 400, b"\xff"),
    Case("POST", REPO + "/pulls", 413, b" " * (4 * 1024 * 1024 + 1)),
    Case("POST", REPO + "/pulls", 422, {**OPENING, "head": "absent"}),
    Case("POST", REPO + "/pulls", 422, {**OPENING, "head": "main"}),
    Case("POST", REPO + "/pulls", 422, {"head": "second"}),
    Case("GET", PULL),
    Case("GET", PULL, 404, given=ABSENT),
    Case("PATCH", PULL, body={"title": "new"}),
    Case("PATCH", PULL, 404, {"title": "new"}, given=ABSENT),
    Case("PATCH", PULL, 422, {"state": "odd"}),
    Case("GET", PULL + "/commits"),
    Case("GET", PULL + "/commits", 404, given=ABSENT),
    Case("GET", PULL + "/files"),
    Case("GET", PULL + "/files", 404, given=ABSENT),
    Case("GET", PULL + "/reviews"),
    Case("GET", PULL + "/reviews", 404, given=ABSENT),
    Case("POST", PULL + "/reviews", body={"event": "APPROVE"}),
    Case("POST", PULL + "/reviews", 404, {"event": "APPROVE"}, given=ABSENT),
    Case("POST", PULL + "/reviews", 422, {"event": "APPROVE"}, who=ADMIN),
    Case("POST", PULL + "/reviews", 422, {"event": "COMMENT"}),
    Case("POST", PULL + "/reviews", 422, {"event": "MAYBE"}),
    Case("PUT", PULL + "/reviews/{id:int}/dismissals", body={"message": "old"}),
    Case("PUT", PULL + "/reviews/{id:int}/dismissals", 404, {"message": "old"}, given=ABSENT),
    Case("PUT", PULL + "/reviews/{id:int}/dismissals", 422, {"message": "old"}),
    Case("PATCH", PULL, body={"base": "second"}),
    Case("PATCH", PULL, 422, {"base": "absent"}),
    Case("PATCH", PULL, body={"base": "main"}),
    Case("GET", REPO + "/activity"),
    Case("GET", REPO + "/activity", query={"ref": "refs/heads/main", "per_page": "1"}),
    Case("GET", REPO + "/activity", query={"ref": "main", "per_page": "1", "after": "1"}),
    Case("GET", ISSUE + "/events"),
    Case("GET", ISSUE + "/events", 404, given=ABSENT),
    Case("GET", REPO + "/issues"),
    Case("GET", REPO + "/issues", query={"labels": "drift", "creator": "ada", "state": "all"}),
    Case("POST", REPO + "/issues", 201, {"title": "t", "body": "b", "labels": ["drift"]}),
    Case("POST", REPO + "/issues", 422, {"title": " "}),
    Case("GET", ISSUE),
    Case("GET", ISSUE, given={"number": "2"}),
    Case("GET", ISSUE, 404, given=ABSENT),
    Case("PATCH", ISSUE, body={"labels": ["drift"]}),
    Case("PATCH", ISSUE, body={"state": "closed"}, given={"number": "2"}),
    Case("PATCH", ISSUE, body={"state": "open"}, given={"number": "2"}),
    Case("PATCH", ISSUE, 404, {"state": "closed"}, given=ABSENT),
    Case("PATCH", ISSUE, 422, {"state": "odd"}),
    Case("POST", ISSUE + "/labels", body={"labels": ["new"]}),
    Case("POST", ISSUE + "/labels", 404, {"labels": ["new"]}, given=ABSENT),
    Case("POST", ISSUE + "/labels", 422, {"labels": 1}),
    Case("GET", ISSUE + "/comments"),
    Case("GET", ISSUE + "/comments", 404, given=ABSENT),
    Case("POST", ISSUE + "/comments", 201, {"body": "b"}),
    Case("POST", ISSUE + "/comments", 404, {"body": "b"}, given=ABSENT),
    Case("POST", ISSUE + "/comments", 422, {"body": " "}),
    Case("PATCH", REPO + "/issues/comments/{id:int}", body={"body": "c"}),
    Case("PATCH", REPO + "/issues/comments/{id:int}", 403, {"body": "c"}, who=BOT),
    Case("PATCH", REPO + "/issues/comments/{id:int}", 404, {"body": "c"}, given=ABSENT),
    Case("PATCH", REPO + "/issues/comments/{id:int}", 422, {"body": ""}),
    Case("POST", REPO + "/statuses/{sha}", 201, {"state": "success", "context": "gate"}),
    Case("POST", REPO + "/statuses/{sha}", 422, {"state": "odd"}),
    Case("POST", REPO + "/statuses/{sha}", 422, {"state": "success"}, given={"sha": OF_NOBODY}),
    Case("GET", REPO + "/commits/{sha}/pulls"),
    Case("GET", REPO + "/commits/{sha}/pulls", 422, given={"sha": OF_NOBODY}),
    Case("GET", REPO + "/commits/{ref:path}/status"),
    Case("GET", REPO + "/commits/{ref:path}/status", 404, given={"ref": OF_NOBODY}),
    Case("PUT", PULL + "/merge", 404, {}, given=ABSENT),
    Case("PUT", PULL + "/merge", 405, {}, given={"number": "3"}),
    Case("PUT", PULL + "/merge", 409, {"sha": OF_NOBODY}),
    Case("PUT", PULL + "/merge", 422, {"merge_method": "odd"}),
    Case("PUT", PULL + "/merge", body={"merge_method": "squash"}, who=ADMIN),
    Case("GET", PULL),
    Case("GET", REPO + "/pulls", query={"state": "closed"}),
    Case("DELETE", REPO + "/git/refs/heads/{branch:path}", 204),
    Case("DELETE", REPO + "/git/refs/heads/{branch:path}", 403, who=READER),
    Case("DELETE", REPO + "/git/refs/heads/{branch:path}", 422),
    Case("DELETE", REPO + "/git/refs/heads/{branch:path}", 422, given={"branch": "main"}),
    Case("POST", REPO + "/statuses/{sha}", 403, {"state": "success"}, who=READER),
    Case("PUT", PULL + "/merge", 403, {}, who=READER),
    Case("PUT", PULL + "/reviews/{id:int}/dismissals", 403, {"message": "x"}, who=READER),
    Case("GET", REPO + "/nothing", 404),
]


@pytest.fixture(scope="module")
def described(judge: Judge | None) -> Judge:
    if judge is None:
        pytest.skip("scripts/get-tool openapi found none")
    return judge


@pytest.fixture
def furnished(tmp_path: Path, described: Judge) -> Iterator[tuple[Workbench, dict[str, str]]]:
    """One of everything: pull request, issue, review, comment, status, guards."""
    with DevelopmentForge(tmp_path / "forge", CONFIG, clock=Clock()) as forge:
        bench = make_workbench(tmp_path, forge)
        bench.commit(".github/CODEOWNERS", "* @nobody\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(PUSHER, ADMIN.login)
            bench.push()
        bench.branch("second")
        head = bench.branch("dir/first", {"a": "1", "b": "2"})
        with bench.client(ADMIN) as ada, bench.client(BO) as bo:
            ada.create_pull_request(title="t", body="b", head="dir/first", base="main")
            ada.create_issue(title="t", body="b", labels=["drift"])
            bo.create_review(1, event="APPROVE")
            ada.create_comment(1, "text")
            ada.set_status(head, context="gate", state="success", description="d")
        given = {"owner": "acme", "repo": "models", "org": "acme", "number": "1", "id": "1"}
        given |= {"branch": "dir/first", "ref": "dir/first", "sha": head, "username": "bo"}
        yield bench, given | {"slug": "risk", "name": "production"}


def filled(path: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        for kind in ("", ":int", ":path"):
            path = path.replace(f"{{{name}{kind}}}", value)
    return path


def test_every_exchange_is_as_described(
    furnished: tuple[Workbench, dict[str, str]], described: Judge
) -> None:
    """One after the other, since one case may leave what the next one needs."""
    bench, given = furnished
    with bench.http() as http:
        found = [problem for case in CASES for problem in wrong(bench, http, given, case)]
    assert found == []
    assert described.problems == []
    cases = {(c.method, c.path, c.status) for c in CASES if not c.path.endswith("/nothing")}
    assert cases - described.seen == set()


def wrong(bench: Workbench, http: httpx.Client, given: dict[str, str], case: Case) -> Iterator[str]:
    raw = case.body if isinstance(case.body, bytes) else None
    response = http.request(
        case.method,
        bench.forge.api_url + filled(case.path, {**given, **case.given}),
        headers={"Authorization": f"Bearer {case.who.token}"},
        json=None if raw else case.body,
        content=raw,
        params=case.query,
    )
    if response.status_code != case.status:
        yield f"{case.method} {case.path} {case.status}: {response.status_code} {response.text}"


def test_every_endpoint_is_asked_and_answers() -> None:
    answered = {(case.method, case.path) for case in CASES if case.status < 300}
    assert answered == {(method, path) for method, path, _ in ENDPOINTS}


LABEL = {
    "id": 1,
    "node_id": "x",
    "url": "https://x.example/labels/drift",
    "name": "drift",
    "description": None,
    "color": "ededed",
    "default": False,
}
LABELLING = Exchange("POST", ISSUE + "/labels", 200, json.dumps([LABEL]).encode())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"answer": json.dumps([{**LABEL, "id": "1"}]).encode()}, "$[0].id: '1' is not of type"),
        ({"answer": json.dumps([{**LABEL, "name": None}]).encode()}, "None is not of type"),
        ({"answer": json.dumps([{**LABEL, "url": 1}]).encode()}, "$[0].url"),
        ({"answer": json.dumps([{"id": 1}]).encode()}, "'name' is a required property"),
        ({"answer": json.dumps([{**LABEL, "colour": "x"}]).encode()}, "colour: not described"),
        ({"answer": json.dumps(LABEL).encode()}, "is not of type 'array'"),
        ({"status": 202}, "the status is not described"),
        ({"status": 404}, "is not of type 'object'"),
        ({"query": {"state": "all"}}, "the parameter state is not described"),
        ({"body": b'{"labels": 1}'}, "is not valid under any of the given schemas"),
    ],
)
def test_the_judge_hears_what_is_wrong(
    described: Judge, changes: dict[str, object], problem: str | None
) -> None:
    found = described.description.problems(replace(LABELLING, **changes))
    assert (problem is None) == (found == [])
    assert problem is None or problem in "\n".join(found)


@pytest.mark.parametrize("state", ["open", "merged", "closed"])
def test_a_pull_request_in_every_state(bench: Workbench, state: str) -> None:
    name = f"in-{state}"
    tip = bench.branch(name)
    with bench.client() as ada, bench.http() as http:
        number = ada.create_pull_request(title=state, body="", head=name, base="main").number
        if state == "merged":
            ada.merge_pull_request(number, sha=tip)
        if state == "closed":
            bench.git("push", "-q", "origin", "--delete", name)
        answer = http.get(f"/pulls/{number}").json()
    assert answer["merged"] == (state == "merged")
    assert answer["state"] == ("open" if state == "open" else "closed")
