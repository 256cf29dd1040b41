"""Signing without a key, as far as it goes without a Sigstore: identity, refusals, exit codes.

That the public Sigstore signs, and that what it signed verifies, is not tried here.
"""

from __future__ import annotations

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from threading import Thread
from typing import TYPE_CHECKING

import jwt
import pytest

from mergeline.errors import ToolError
from mergeline.registry.signing import (
    KeylessSigning,
    KeySigning,
    UnsignedError,
    choose_signing,
    new_key,
    signed_statement,
)
from mergeline.registry.trust import Signer, Trust
from mergeline.settings import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOW = Signer(
    "release-workflow",
    identity="https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main",
    issuer="https://token.actions.githubusercontent.com",
)
STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "m", "digest": {"sha256": "a" * 64}}],
    "predicateType": "p",
    "predicate": {},
}


@pytest.fixture
def away() -> dict:
    """A Sigstore of one's own, with the public one's keys, at a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = files("sigstore._store") / "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
    signing = json.loads((folder / "signing_config.v0.2.json").read_text())
    for urls in (value for key, value in signing.items() if key.endswith("Urls")):
        for one in urls:
            one["url"] = f"http://127.0.0.1:{port}"
    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": json.loads((folder / "trusted_root.json").read_text()),
        "signingConfig": signing,
    }


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A run on no platform that gives identities."""
    for name in (
        *("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        *("CIRCLECI", "GITLAB_CI", "BUILDKITE", "GOOGLE_SERVICE_ACCOUNT_NAME"),
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def platform(nowhere: pytest.MonkeyPatch) -> Iterator[str]:
    """Actions, that gives a run its identity over HTTP; the identity."""
    now = int(time.time())
    claims = {"aud": "sigstore", "iss": WORKFLOW.issuer, "sub": "repo:acme/models"}
    token = jwt.encode(claims | {"iat": now, "exp": now + 600}, "x" * 32)

    class Gives(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = "audience=sigstore" in self.path
            self.send_response(200 if asked and self.headers["Authorization"] else 403)
            self.end_headers()
            self.wfile.write(json.dumps({"value": token}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Gives)
    Thread(target=server.serve_forever, daemon=True).start()
    nowhere.setenv("GITHUB_ACTIONS", "true")
    nowhere.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")
    nowhere.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"http://127.0.0.1:{server.server_port}/?v=1")
    yield token
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("nowhere")
def test_a_machine_without_an_identity_has_no_means(tmp_path: Path) -> None:
    assert choose_signing(resolve(tmp_path, {}), Trust((WORKFLOW,))) is None


def test_a_job_without_the_permission_is_told_so(
    nowhere: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(ToolError, match="no identity to sign with") as raised:
        choose_signing(resolve(tmp_path, {}), Trust((WORKFLOW,)))
    assert "id-token: write" in raised.value.hint


def test_a_run_signs_as_itself_if_the_policies_trust_a_workflow(
    platform: str, tmp_path: Path
) -> None:
    signing = choose_signing(resolve(tmp_path, {}), Trust((WORKFLOW,)))
    assert isinstance(signing, KeylessSigning)
    assert (signing.signers, signing.token) == ((WORKFLOW,), platform)
    assert platform not in repr(signing)
    # Nobody's identity is asked for where the policies trust keys alone; and a key goes first.
    key = new_key()
    holder = Signer("ops", public_key=key.public)
    assert choose_signing(resolve(tmp_path, {}), Trust((holder,))) is None
    environ = {"MERGELINE_SIGNING_KEY": key.private.decode()}
    chosen = choose_signing(resolve(tmp_path, environ), Trust((WORKFLOW, holder)))
    assert isinstance(chosen, KeySigning)


def test_a_sigstore_that_does_not_answer_is_no_yes(
    platform: str, away: dict, tmp_path: Path
) -> None:
    signing = KeylessSigning((WORKFLOW,), Trust((WORKFLOW,), sigstore=away), platform)
    (tmp_path / "model.skops").write_bytes(b"weights")
    with pytest.raises(ToolError, match="Sigstore could not sign the model"):
        signing.sign_package(tmp_path)
    with pytest.raises(ToolError, match="Sigstore could not sign the provenance"):
        signing.sign_statement(STATEMENT)


def test_what_a_key_signed_is_signed_by_no_identity(away: dict) -> None:
    key = new_key()
    bundle = KeySigning(Signer("ops", public_key=key.public), key.private).sign_statement(STATEMENT)
    with pytest.raises(UnsignedError, match="it is no bundle of Sigstore"):
        signed_statement(bundle, WORKFLOW, Trust((WORKFLOW,), sigstore=away))
