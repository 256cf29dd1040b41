"""The HTTP side: who asks, one request at a time, GitHub's errors, pages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from mergeline.devforge.call import Answer, Call
from mergeline.devforge.endpoints.table import ENDPOINTS
from mergeline.devforge.paging import cut_after, cut_page
from mergeline.devforge.refusal import Refusal, not_found
from mergeline.devforge.shapes.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from mergeline.devforge.call import Workplace
    from mergeline.devforge.config import User

DOCUMENTATION = "https://docs.github.com/rest"
LARGEST_BODY = 4 * 1024 * 1024


def make_app(forge: Workplace) -> Starlette:
    """The application over the parts of a forge."""
    # Git and SQLite together are one state: no request sees another half done.
    lock = threading.Lock()
    routes = [
        Route(path, _endpoint(forge, lock, function), methods=[method])
        for method, path, function in ENDPOINTS
    ]
    handlers = {404: _unknown_path, 405: _unknown_path}
    return Starlette(routes=routes, exception_handlers=handlers)


def _endpoint(
    forge: Workplace, lock: threading.Lock, function: Callable[[Call], Answer]
) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        content = await request.body()
        return await run_in_threadpool(_answer, forge, lock, function, request, content)

    return respond


def _answer(
    forge: Workplace,
    lock: threading.Lock,
    function: Callable[[Call], Answer],
    request: Request,
    content: bytes,
) -> Response:
    with lock:
        try:
            call = _call(forge, request, content)
            forge.pulls.follow()
            answer = function(call)
        except Refusal as refusal:
            # What was seen of the branches before the refusal is kept; a refusal itself is
            # raised before anything is stored.
            forge.state.commit()
            return _refused(refusal)
        except BaseException:
            forge.state.rollback()
            raise
        forge.state.commit()
    return _response(answer, request)


def _call(forge: Workplace, request: Request, content: bytes) -> Call:
    user = _authenticated(forge, request)
    path = {name: str(value) for name, value in request.path_params.items()}
    repository = f"{path.get('owner', '')}/{path.get('repo', '')}"
    if "repo" in path and repository.lower() != forge.config.repository.lower():
        raise not_found()
    if "org" in path and not forge.config.is_organization(path["org"]):
        raise not_found()
    if len(content) > LARGEST_BODY:
        raise Refusal(413, "Payload too large")
    urls = Urls(str(request.base_url).rstrip("/"), forge.config.repository)
    return Call(forge, user, urls, path, dict(request.query_params), content)


def _authenticated(forge: Workplace, request: Request) -> User:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        raise Refusal(401, "Requires authentication")
    user = forge.accounts.of_token(token.strip())
    if scheme.lower() not in ("bearer", "token") or user is None:
        raise Refusal(401, "Bad credentials")
    return user


def _response(answer: Answer, request: Request) -> Response:
    content, link = answer.content, None
    url = str(request.url.replace(query=""))
    query = dict(request.query_params)
    if isinstance(content, list):
        cut = cut_after if answer.cursors else cut_page
        content, link = cut(content, query, url)
    elif answer.paged and isinstance(content, dict):
        part, link = cut_page(content[answer.paged], query, url)
        content = {**content, answer.paged: part}
    return _json(content, answer.status, {"Link": link} if link else {})


def _refused(refusal: Refusal) -> Response:
    body: dict[str, object] = {"message": refusal.message}
    if refusal.errors is not None:
        body["errors"] = refusal.errors
    body |= {"documentation_url": DOCUMENTATION, "status": str(refusal.status)}
    return _json(body, refusal.status, {})


async def _unknown_path(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return _refused(not_found())


def _json(content: object, status: int, headers: dict[str, str]) -> Response:
    if status == 204:
        return Response(status_code=status, headers=headers)
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type="application/json; charset=utf-8",
        headers={"X-GitHub-Media-Type": "github.v3; format=json", **headers},
    )
