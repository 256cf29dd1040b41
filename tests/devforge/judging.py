"""A development forge whose every exchange is held to GitHub's published description."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from starlette.routing import compile_path

from devforge.description import Description, Exchange
from mergeline.devforge import app as forge_app
from mergeline.devforge.endpoints.table import ENDPOINTS
from mergeline.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = Path(__file__).parents[2]
PATTERNS = [(method, path, compile_path(path)[0]) for method, path, _ in ENDPOINTS]


@dataclass
class Judge:
    """Keeps what was wrong, and which statuses each endpoint has given."""

    description: Description
    problems: list[str] = field(default_factory=list)
    seen: set[tuple[str, str | None, int]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, exchange: Exchange) -> None:
        with self.lock:
            self.seen.add((exchange.method, exchange.endpoint, exchange.status))
            self.problems += self.description.problems(exchange)

    def over(self, app: ASGIApp) -> ASGIApp:
        async def judged(scope: Scope, receive: Receive, send: Send) -> None:
            body, answer, status = b"", b"", 0

            async def hear_request() -> Message:
                nonlocal body
                message = await receive()
                body += message.get("body", b"")
                return message

            async def hear_answer(message: Message) -> None:
                nonlocal answer, status
                status = message.get("status", status)
                answer += message.get("body", b"")
                done = message["type"] == "http.response.body" and not message.get("more_body")
                if done and not scope["path"].partition("/info/")[0].endswith(".git"):
                    query = dict(parse_qsl(scope["query_string"].decode()))
                    endpoint = endpoint_of(scope["method"], scope["path"])
                    self.hear(Exchange(scope["method"], endpoint, status, answer, query, body))
                await send(message)

            await app(scope, hear_request, hear_answer)

        return judged


def endpoint_of(method: str, path: str) -> str | None:
    """The row of the table that serves a path."""
    found = (e for m, e, pattern in PATTERNS if m == method and pattern.match(path))
    return next(found, None)


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge | None]:
    """Over every forge that is started in this process; None without the description."""
    done = run([str(ROOT / "scripts/get-tool"), "openapi"], timeout=300)
    if done.status != 0:
        if os.environ.get("CI"):
            pytest.fail(done.stderr)
        yield None
        return
    made = Judge(Description(Path(done.stdout.strip())))
    with pytest.MonkeyPatch.context() as patch:
        plain = forge_app.make_app
        patch.setattr(forge_app, "make_app", lambda forge: made.over(plain(forge)))
        yield made


@pytest.fixture(autouse=True)
def _as_described(judge: Judge | None) -> Iterator[None]:
    yield
    if judge is not None:
        found, judge.problems = judge.problems, []
        assert found == [], "\n".join(found)
