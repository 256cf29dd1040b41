"""Every answer of the forge, read by the models made from GitHub's OpenAPI description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from githubkit_schemas.v2026_03_10 import models
from pydantic import BaseModel, TypeAdapter

from devforge.workbench import (
    ADA,
    BO,
    BOT,
    REPOSITORY,
    Clock,
    Workbench,
    make_config,
    make_workbench,
)
from mergeline.devforge import DevelopmentForge
from mergeline.devforge.endpoints.table import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

# These fields are in version 2022-11-28 of the API, which the client asks for, and no longer in
# the version that the models are made from.
OLDER = {"merge_commit_sha", "assignee"}
REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{number:int}"
OPENING = {"title": "t", "head": "second", "base": "main"}
EXPECTED = {
    ("GET", "/user"): (200, models.PublicUser, None),
    ("GET", REPO): (200, models.FullRepository, None),
    ("GET", REPO + "/branches/{branch:path}"): (200, models.BranchWithProtection, None),
    ("GET", REPO + "/pulls"): (200, list[models.PullRequestSimple], None),
    ("POST", REPO + "/pulls"): (201, models.PullRequest, OPENING),
    ("GET", PULL): (200, models.PullRequest, None),
    ("PATCH", PULL): (200, models.PullRequest, {"title": "new"}),
    ("GET", PULL + "/commits"): (200, list[models.Commit], None),
    ("GET", PULL + "/files"): (200, list[models.DiffEntry], None),
    ("GET", PULL + "/reviews"): (200, list[models.PullRequestReview], None),
    ("POST", PULL + "/reviews"): (200, models.PullRequestReview, {"event": "APPROVE"}),
    ("PUT", PULL + "/reviews/{id:int}/dismissals"): (
        200,
        models.PullRequestReview,
        {"message": "old"},
    ),
    ("GET", REPO + "/issues/{number:int}/comments"): (200, list[models.IssueComment], None),
    ("POST", REPO + "/issues/{number:int}/comments"): (201, models.IssueComment, {"body": "b"}),
    ("PATCH", REPO + "/issues/comments/{id:int}"): (200, models.IssueComment, {"body": "c"}),
    ("POST", REPO + "/statuses/{sha}"): (201, models.Status, {"state": "success"}),
    ("GET", REPO + "/commits/{sha}/pulls"): (200, list[models.PullRequestSimple], None),
    ("GET", REPO + "/commits/{ref:path}/status"): (200, models.CombinedCommitStatus, None),
    ("PUT", PULL + "/merge"): (200, models.PullRequestMergeResult, {}),
}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One of everything: pull request, review, comment, status; a branch for a second."""
    directory = tmp_path_factory.mktemp("openapi")
    with DevelopmentForge(directory / "forge", make_config(), clock=Clock()) as forge:
        bench = make_workbench(directory, forge)
        bench.branch("second")
        head = bench.branch("dir/first", {"a": "1", "b": "2"})
        with bench.client(ADA) as ada, bench.client(BO) as bo:
            ada.create_pull_request(title="t", body="b", head="dir/first", base="main")
            bo.create_review(1, event="APPROVE")
            ada.create_comment(1, "text")
            ada.set_status(head, context="gate", state="success", description="d")
        yield bench


def address(bench: Workbench, path: str) -> str:
    for name, value in {
        "{owner}/{repo}": REPOSITORY,
        "{number:int}": "1",
        "{id:int}": "1",
        "{branch:path}": "dir/first",
        "{ref:path}": "dir/first",
        "{sha}": bench.git("rev-parse", "HEAD"),
    }.items():
        path = path.replace(name, value)
    return bench.forge.api_url + path


def test_no_endpoint_is_left_out() -> None:
    assert set(EXPECTED) == {(method, path) for method, path, _ in ENDPOINTS}


@pytest.mark.parametrize(("method", "path"), EXPECTED, ids=" ".join)
def test_answers_are_githubs(furnished: Workbench, method: str, path: str) -> None:
    status, model, body = EXPECTED[method, path]
    with furnished.http(BO) as http:
        response = http.request(method, address(furnished, path), json=body)
    assert response.status_code == status, response.text
    answer = response.json()
    read = TypeAdapter(model).validate_python(answer)
    first, raw = (read[0], answer[0]) if isinstance(read, list) else (read, answer)
    assert unknown_fields(first, raw) - OLDER == set()


@pytest.mark.parametrize("state", ["open", "merged", "closed"])
def test_a_pull_request_in_every_state(furnished: Workbench, state: str) -> None:
    name = f"in-{state}"
    tip = furnished.branch(name)
    with furnished.client() as ada, furnished.http() as http:
        number = ada.create_pull_request(title=state, body="", head=name, base="main").number
        if state == "merged":
            ada.merge_pull_request(number, sha=tip)
        if state == "closed":
            furnished.git("push", "-q", "origin", "--delete", name)
        answer = http.get(f"/pulls/{number}").json()
    read = TypeAdapter(models.PullRequest).validate_python(answer)
    assert (read.merged, read.state) == (state == "merged", "open" if state == "open" else "closed")


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/pulls/99", 404, "Not Found"),
        ("/nothing", 404, "Not Found"),
        ("/branches/absent", 404, "Branch not found"),
        ("/commits/" + "0" * 40 + "/pulls", 422, "No commit found for SHA: " + "0" * 40),
    ],
)
def test_errors_are_githubs(furnished: Workbench, path: str, status: int, message: str) -> None:
    with furnished.http() as http:
        response = http.get(path)
    assert response.status_code == status
    assert TypeAdapter(models.BasicError).validate_python(response.json()).message == message
    assert response.json()["status"] == str(status)


@pytest.mark.parametrize(
    ("user", "path", "body", "model"),
    [
        (ADA, "/pulls", {"title": "t", "head": "absent", "base": "main"}, models.ValidationError),
        (ADA, "/pulls", {"title": "t", "head": "main", "base": "main"}, models.ValidationError),
        (ADA, "/pulls", {"head": "second"}, models.BasicError),
        (ADA, "/pulls/1/reviews", {"event": "APPROVE"}, models.ValidationErrorSimple),
        (BO, "/pulls/1/reviews", {"event": "COMMENT"}, models.ValidationErrorSimple),
        (BO, "/pulls/1/reviews", {"event": "MAYBE"}, models.BasicError),
        (BOT, "/issues/1/comments", {"body": " "}, models.ValidationError),
    ],
)
def test_refusals_are_githubs(
    furnished: Workbench, user: object, path: str, body: object, model: type[BaseModel]
) -> None:
    with furnished.http(user) as http:
        response = http.post(path, json=body)
    assert response.status_code == 422, response.text
    TypeAdapter(model).validate_python(response.json())


def test_a_body_that_is_not_json(furnished: Workbench) -> None:
    with furnished.http() as http:
        for content in (b"{", b"\xff"):
            response = http.post("/pulls", content=content)
            assert (response.status_code, response.json()["message"]) == (
                400,
                "Problems parsing JSON",
            )


def unknown_fields(read: BaseModel, raw: dict[str, object]) -> set[str]:
    known = {field.alias or name for name, field in type(read).model_fields.items()}
    return set(raw) - known
