from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from tls_door import behind_tls

from mergeline.errors import ExitCode, ToolError, UsageError
from mergeline.policy import PolicyLibrary
from mergeline.policy.mount import mounted
from mergeline.policy.opa import OpaEngine
from mergeline.policy.opa_server import OpaServer, OwnOpaEngine

PACKAGE = "mergeline.model"


def library(name="a", limit=1):
    return PolicyLibrary.of(
        {
            "policies/b.rego": "package lib\n\nimport data.organization\n\n"
            "above(x) if x > organization.limit\n",
            "policies/a.rego": f"package {PACKAGE}\n\nimport data.lib\n\n"
            f'deny contains {{"id": "{name}", "msg": "m", "path": "/model", "hint": "h"}} '
            "if lib.above(input.n)\n",
        },
        {"organization": {"limit": limit}},
    )


@contextmanager
def listening(answer):
    """A server that takes connections and answers some bytes, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve():
            kept = []
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            ended.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join(5)


def refused(url, **options):
    with pytest.raises(ToolError) as caught:
        OpaEngine(library(), url, direct=True, **options)
    assert caught.value.exit_code is ExitCode.TOOL
    assert "MERGELINE_OPA_URL" in caught.value.hint
    return caught.value


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert f"http://127.0.0.1:{port} does not answer" in refused(f"http://127.0.0.1:{port}").message


def test_a_server_that_never_answers():
    with listening(None) as url:
        begin = time.monotonic()
        error = refused(url, timeout=0.2)
        assert time.monotonic() - begin < 5
    assert "(within 0.2 s)" in error.message


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\n"what"',
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
)
def test_a_server_that_is_no_opa(answer):
    with listening(answer) as url:
        refused(url, timeout=2)


@pytest.mark.parametrize(
    "url",
    ["opa:8181", "ftp://opa", "http://", "http://opa:port", "http://opa/path", "http://me@opa"],
)
def test_an_address_that_cannot_be_used(url):
    with pytest.raises(UsageError) as caught:
        OpaEngine(library(), url)
    assert url in caught.value.message


def test_mounting_moves_packages_and_data_and_nothing_else():
    text = (
        "# package data\npackage a.b\n\nimport data.lib as l\nimport input.data\n\n"
        'c := data["x"][input.data] # data.y\nd := "data.z"\ne := $"{data.w}"\nf := l.data.g\n'
    )
    assert mounted(text, "p") == (
        "# package data\npackage p.a.b\n\nimport data.p.lib as l\nimport input.data\n\n"
        'c := data.p["x"][input.data] # data.y\nd := "data.z"\ne := $"{data.p.w}"\nf := l.data.g\n'
    )


@pytest.mark.opa
def test_two_libraries_on_one_server_do_not_mingle(opa):
    server = OpaServer(opa)
    try:
        strict = OpaEngine(library("strict", 1), server.url, token=server.token, direct=True)
        lax = OpaEngine(library("lax", 5), server.url, token=server.token, direct=True)
        again = OpaEngine(library("strict", 1), server.url, token=server.token, direct=True)
        for engine, ids in ((strict, ["strict"]), (lax, []), (again, ["strict"])):
            assert [one.id for one in engine.evaluate(PACKAGE, {"n": 3})] == ids
            engine.close()
    finally:
        server.close()


@pytest.mark.opa
def test_our_own_server_listens_to_its_owner_alone(opa):
    server = OpaServer(opa)
    try:
        error = refused(server.url, token="another")
        assert "does not answer as one" in error.message
    finally:
        server.close()


@pytest.mark.opa
def test_a_server_behind_tls_is_asked_with_a_token_and_trusted_by_its_certificate(
    opa, tmp_path, monkeypatch
):
    server = OpaServer(opa)
    try:
        with behind_tls(tmp_path, urlsplit(server.url).port) as (url, certificate):
            unknown = refused(url, token=server.token, timeout=5)
            assert "certificate" in unknown.message
            assert "REQUESTS_CA_BUNDLE" in unknown.hint
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            engine = OpaEngine(library(), url, token=server.token)
            assert [one.id for one in engine.evaluate(PACKAGE, {"n": 3})] == ["a"]
            engine.close()
            with pytest.raises(ToolError, match="does not answer as one"):
                OpaEngine(library(), url, token="another")
    finally:
        server.close()


@pytest.mark.opa
def test_a_server_that_goes_away(opa):
    server = OpaServer(opa)
    engine = OpaEngine(library(), server.url, token=server.token, direct=True)
    server.close()
    with pytest.raises(ToolError, match="does not answer"):
        engine.evaluate(PACKAGE, {"n": 3})
    engine.close()


@pytest.mark.opa
def test_our_own_server_passes_over_proxies(opa, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    engine = OwnOpaEngine(library(), opa)
    assert [one.id for one in engine.evaluate(PACKAGE, {"n": 3})] == ["a"]
    engine.close()
    engine.close()


@pytest.mark.opa
def test_what_the_embedded_engine_refuses_opa_evaluates(opa):
    text = (
        f'package {PACKAGE}\n\ndeny contains {{"id": "late", "msg": "m", "path": "/model", '
        '"hint": "h"} if time.parse_rfc3339_ns(input.at) > 0\n'
    )
    engine = OwnOpaEngine(PolicyLibrary.of({"policies/a.rego": text}), opa)
    assert [one.id for one in engine.evaluate(PACKAGE, {"at": "2024-09-12T10:00:00Z"})] == ["late"]
    with pytest.raises(ToolError, match=r"time\.parse_rfc3339_ns"):
        engine.evaluate(PACKAGE, {"at": "yesterday"})
    engine.close()


def test_a_program_that_is_no_opa():
    with pytest.raises(ToolError, match="ended before it answered"):
        OpaServer("true")
    with pytest.raises(ToolError, match="is not installed"):
        OpaServer("no-such-opa")
