"""A server that gives prepared answers, for what a healthy forge never says."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from mergeline.forge import ForgeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Canned:
    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Script:
    """The answers still to give; the last one is given for ever."""

    answers: list[Canned]
    asked: list[str] = field(default_factory=list)
    port: int = 0
    prefix: str = ""

    @property
    def settings(self) -> ForgeSettings:
        url = f"http://127.0.0.1:{self.port}{self.prefix}"
        return ForgeSettings(url, "acme/models", "t0ken")

    def next(self) -> Canned:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(*answers: Canned) -> Iterator[Script]:
    script = Script(list(answers))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    script.port = server.server_port
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append(f"{self.command} {self.path}")
            canned = script.next()
            if canned.hold is not None:
                canned.hold.wait(30)
            content = canned.content()
            self.send_response(canned.status)
            for name, value in canned.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler
