"""An OPA server of our own: on this machine's loopback address, for as long as it is needed."""

from __future__ import annotations

import atexit
import secrets
import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.policy.opa import OpaEngine
from mergeline.process import start

if TYPE_CHECKING:
    import subprocess

    from mergeline.policy.library import PolicyLibrary

_HOST = "127.0.0.1"
_ATTEMPTS = 3
_POLL_SECONDS = 0.02
# Others on this machine can reach a loopback address: only who holds the token may ask or push.
_GUARD = """package system.authz

default allow := false

allow if input.identity == "%s"
"""


class OpaServer:
    """A running `opa`, stopped by `close` or at the latest when this process ends.

    Args:
        binary: the program.
        timeout: seconds to wait until it answers.

    Attributes:
        url: where it answers.
        token: the bearer token that it asks for.

    Raises:
        ToolError: it is not there, or does not answer in time.
    """

    def __init__(self, binary: str, timeout: float = 10.0) -> None:
        self.token = secrets.token_urlsafe(32)
        self._folder = Path(tempfile.mkdtemp(prefix="mergeline-opa-"))
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.close)
        try:
            self.url = self._start(binary, time.monotonic() + timeout)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop the server; it may be called twice."""
        atexit.unregister(self.close)
        if self._process is not None:
            # It keeps nothing, so there is nothing to end gently.
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, binary: str, deadline: float) -> str:
        guard = self._folder / "guard.rego"
        guard.write_text(_GUARD % self.token, encoding="utf-8")
        for _ in range(_ATTEMPTS):
            port = _free_port()
            options = ["--authentication=token", "--authorization=basic", "--log-level=error"]
            address = f"--addr={_HOST}:{port}"
            command = [binary, "run", "--server", address, *options, "--skip-version-check"]
            self._process = start([*command, str(guard)], cwd=self._folder)
            if self._wait(self._process, port, deadline):
                return f"http://{_HOST}:{port}"
        raise ToolError(
            f"{binary} ended before it answered",
            hint="run it by hand: opa run --server; Mergeline needs OPA 1.0 or newer",
        )

    def _wait(self, process: subprocess.Popen[str], port: int, deadline: float) -> bool:
        """Wait until it answers; False if it ended, as when another took the port."""
        while process.poll() is None:
            if self._healthy(port) and process.poll() is None:
                return True
            if time.monotonic() > deadline:
                raise ToolError("the OPA server that was started does not answer in time")
            time.sleep(_POLL_SECONDS)
        return False

    def _healthy(self, port: int) -> bool:
        request = urllib.request.Request(
            f"http://{_HOST}:{port}/health", headers={"Authorization": f"Bearer {self.token}"}
        )
        # Never through a proxy.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class OwnOpaEngine(OpaEngine):
    """Evaluates with an OPA server that it starts, and stops on `close` or at exit.

    Raises:
        ToolError: the server cannot be started, or refuses the policies.
    """

    def __init__(self, library: PolicyLibrary, binary: str, *, timeout: float = 10.0) -> None:
        self._server = OpaServer(binary, timeout)
        url, token = self._server.url, self._server.token
        super().__init__(library, url, token=token, timeout=timeout, direct=True)

    def close(self) -> None:
        """Close the connections and stop the server."""
        super().close()
        self._server.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
