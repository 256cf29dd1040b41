"""The development forge, started and stopped: in a thread of this program, or as its own."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from mergeline.devforge.accounts import Accounts
from mergeline.devforge.call import Workplace
from mergeline.devforge.clock import system_clock
from mergeline.devforge.git import BareRepository
from mergeline.devforge.pulls import Pulls
from mergeline.devforge.receive import install_hook
from mergeline.devforge.state import STATE, State

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType, TracebackType

    import uvicorn

    from mergeline.devforge.clock import Clock
    from mergeline.devforge.config import ForgeConfig

HOST = "127.0.0.1"
_PATIENCE = 10.0


class DevelopmentForge:
    """A forge on this machine; its state is in `root` and outlives it.

    Attributes:
        api_url: the base URL of the REST API; the port is taken when the forge is made.
        git_directory: the bare repository; push to it as a local path.
    """

    def __init__(
        self, root: Path, config: ForgeConfig, *, port: int = 0, clock: Clock = system_clock
    ) -> None:
        """Prepare the repository and take the port.

        Args:
            root: a directory for the repository and the database; made if it is not there.
            config: the repository, its users, its protection.
            port: 0 takes a free one.
            clock: tells the time that the forge writes.
        """
        self._socket = _listen(port)
        root = root.resolve()
        self.git_directory = root / f"{config.repository}.git"
        repository = BareRepository(self.git_directory)
        repository.create(config.default_branch)
        install_hook(root, repository, config)
        self._state = State(root / STATE)
        accounts = Accounts(config)
        pulls = Pulls(config, accounts, repository, self._state, clock)
        self._workplace = Workplace(config, accounts, repository, self._state, pulls)
        self.api_url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._server = self._make_server()
        self._runner = asyncio.Runner()
        self._told_to_stop = asyncio.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> DevelopmentForge:
        self._runner.get_loop()
        self._thread = threading.Thread(
            target=lambda: self._runner.run(self._serve_until_told()), daemon=True
        )
        # The socket listens already, so a request that comes before the thread runs will wait.
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._runner.get_loop().call_soon_threadsafe(self._told_to_stop.set)
            self._thread.join(_PATIENCE)
            self._runner.close()
        self._close()

    def serve(self) -> None:
        """Serve in this thread until SIGTERM or SIGINT."""
        # uvicorn ends its work on a signal, then raises it again for whoever handled it before.
        signal.signal(signal.SIGTERM, _leave)
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._close()

    async def _serve_until_told(self) -> None:
        """Serve, and end at once: uvicorn's own end takes 0.15 s, and tests start hundreds."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._told_to_stop.wait()
        serving.cancel()
        if self._server.started:
            for server in self._server.servers:
                server.close()
            for connection in list(self._server.server_state.connections):
                connection.shutdown()
            await asyncio.gather(*self._server.server_state.tasks)

    def _make_server(self) -> uvicorn.Server:
        import uvicorn

        from mergeline.devforge.app import make_app

        return uvicorn.Server(
            uvicorn.Config(
                make_app(self._workplace),
                log_level="warning",
                access_log=False,
                lifespan="off",
                loop="asyncio",
                http="h11",
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )

    def _close(self) -> None:
        self._socket.close()
        self._state.close()


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's own form
    sys.exit(0)


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off; else answers take 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(64)
    return listener
