"""Stands between the engine and its forge: counts what is asked, and can be cut at any question."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loop.world import World

# unasked: the forge never hears of it; unheard: it does what it is asked, and nobody learns so;
# fault: it says 500.
Cut = Literal["unasked", "unheard", "fault"]
_PASSED_ON = ("authorization", "content-type", "accept", "x-github-api-version")


@dataclass
class Wire:
    """The way to the forge.

    Attributes:
        url: where the engine is to ask.
        asked: method and path of each question, in order.
        cut_at: the number of the question from which on none comes through; 0: all do.
        how: in which way.
        at_cut: called at each question that does not come through.
    """

    url: str = ""
    asked: list[str] = field(default_factory=list)
    cut_at: int = 0
    how: Cut = "unasked"
    at_cut: Callable[[], None] = lambda: None

    def cut(self, number: int, how: Cut, at_cut: Callable[[], None] = lambda: None) -> None:
        """Count anew, and let through what comes before a question."""
        self.asked.clear()
        self.cut_at, self.how, self.at_cut = number, how, at_cut

    def mend(self) -> None:
        """Count anew, and let everything through."""
        self.cut(0, "unasked")


@contextmanager
def between(world: World) -> Iterator[Wire]:
    """Lead the engine of a world to its forge by a wire that can be cut."""
    wire = Wire()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(wire, world.forge.api_url))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    wire.url = f"http://127.0.0.1:{server.server_port}"
    world.point_at(wire.url)
    try:
        yield wire
    finally:
        world.point_at(world.forge.api_url)
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(wire: Wire, forge: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            wire.asked.append(f"{self.command} {self.path.partition('?')[0]}")
            cut = 0 < wire.cut_at <= len(wire.asked)
            if cut and wire.how == "unasked":
                self._hang_up()
            elif cut and wire.how == "fault":
                wire.at_cut()
                self._say(500, {}, b'{"message": "out of order"}')
            else:
                status, headers, content = self._ask(body)
                if cut:
                    self._hang_up()
                else:
                    self._say(status, headers, content)

        def _hang_up(self) -> None:
            wire.at_cut()
            self.close_connection = True

        def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = HTTPConnection(urlsplit(forge).netloc)
            given = {name: self.headers[name] for name in _PASSED_ON if self.headers[name]}
            connection.request(self.command, self.path, body or None, given)
            with connection.getresponse() as answer:
                kept = {name: answer.headers[name] for name in ("Content-Type", "Link")}
                found = {name: value for name, value in kept.items() if value}
                return answer.status, found, answer.read()

        def _say(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    return Handler
