"""Addresses of S3 and of lakeFS' S3 gateway, with the real s3fs against a server of moto's."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request

import pytest

from pipeline.beside import command, reach_there, read_there
from pipeline.loans import ROWS, digest_of, loans

pytestmark = pytest.mark.slow
SERVE = "from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"
S3 = "type: uri, uri: s3://acme-data/main/loans.parquet"
LAKEFS = "type: lakefs, uri: lakefs://acme-data/main/loans.parquet"


@pytest.fixture(scope="module")
def server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        command(SERVE, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _put(f"{address}/acme-data", b"", patience=60)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _put(address, content, patience=0.0):
    # Only the header is looked at: it tells moto which service is meant.
    signed = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request"
    headers = {
        "Authorization": f"{signed}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/octet-stream",
    }
    request = urllib.request.Request(address, content, headers, method="PUT")
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture
def environ(server):
    _put(f"{server}/acme-data/main/loans.parquet", loans().to_parquet(index=False))
    return {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def lakectl(environ):
    """The same server, as lakeFS' tools are told of one."""
    return {
        "LAKECTL_SERVER_ENDPOINT_URL": f"{environ['AWS_ENDPOINT_URL']}/api/v1",
        "LAKECTL_CREDENTIALS_ACCESS_KEY_ID": "a",
        "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY": "b",
    }


def test_an_object_is_read_once_and_then_from_the_store(loans_model, environ):
    loans_model.source(S3)

    facts = read_there(loans_model.root, environ)

    assert (facts["rows"], facts["digest"]) == (ROWS, digest_of(loans()))
    # Here there is no s3fs: what is in the store needs none.
    assert loans_model.read() == facts


def test_another_object_of_the_same_name_is_refused(loans_model, environ):
    loans_model.source(S3)
    changed = loans().assign(number=1).to_parquet(index=False)
    _put(f"{environ['AWS_ENDPOINT_URL']}/acme-data/main/loans.parquet", changed)

    [[rule, message]] = read_there(loans_model.root, environ)["findings"]

    assert rule == "digest-mismatch"
    assert digest_of(loans()) in message


@pytest.mark.parametrize("source", [S3, LAKEFS])
def test_an_object_that_is_not_there(loans_model, environ, source):
    loans_model.source(source.replace("loans.parquet", "laons.parquet"))

    [[rule, message]] = read_there(loans_model.root, environ | lakectl(environ))["findings"]

    assert rule == "data-not-found"
    assert message == f"there is no {source.rpartition(' ')[2]}".replace("loans.", "laons.")


@pytest.mark.parametrize("source", [S3, LAKEFS])
def test_a_server_that_is_not_there(loans_model, environ, source):
    loans_model.source(source)
    nobody = environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}

    said = read_there(loans_model.root, nobody | lakectl(nobody))

    assert "main/loans.parquet does not answer: " in said["error"]
    assert loans_model.contents() == []


def test_lakefs_is_read_through_its_gateway(loans_model, environ):
    loans_model.source(LAKEFS)

    facts = read_there(loans_model.root, lakectl(environ))

    assert (facts["rows"], facts["digest"]) == (ROWS, digest_of(loans()))
    assert facts["uri"] == "lakefs://acme-data/main/loans.parquet"


def test_lakefs_without_its_variables(loans_model, environ):
    loans_model.source(LAKEFS)

    said = read_there(loans_model.root, environ)

    assert said["error"].startswith("the environment does not hold LAKECTL_SERVER_ENDPOINT_URL")


ASK = """
from mergeline.errors import ToolError
from mergeline.pipeline.sources.download import bucket_encryption
try:
    print(bucket_encryption(sys.argv[1]))
except ToolError as error:
    print(error.message)
"""
RULES = b"""<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>
<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>
</ServerSideEncryptionConfiguration>"""


def test_a_bucket_says_how_it_encrypts(server, environ):
    _put(f"{server}/acme-sealed", b"")
    _put(f"{server}/acme-sealed?encryption", RULES)
    said = {}
    for bucket in ("acme-data", "acme-sealed", "acme-nowhere"):
        done = subprocess.run(
            command(ASK, bucket),
            env={"PATH": "/usr/bin:/bin", **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        said[bucket] = done.stdout.strip()
    assert said["acme-data"] == "None"
    assert said["acme-sealed"] == "aws:kms"
    assert said["acme-nowhere"].startswith("s3://acme-nowhere does not answer: ")


@pytest.mark.parametrize("source", [S3, LAKEFS])
def test_a_credential_that_lists_more_than_its_dataset(loans_model, environ, source):
    loans_model.source(source)
    _put(f"{environ['AWS_ENDPOINT_URL']}/acme-data/salaries/2026.parquet", b"PAR1")

    found = reach_there(loans_model.root, environ | lakectl(environ))

    assert found["reads"] == ["lists acme-data beyond the dataset: acme-data/salaries"]
    assert found["unknown"] == ["whether it writes is not told"]


def test_data_that_are_not_public_need_a_credential_of_ones_own(loans_model, environ):
    loans_model.source(S3, pii=True)
    nobody = {name: value for name, value in environ.items() if "KEY" not in name}

    said = read_there(loans_model.root, nobody)

    assert "does not hold AWS_ACCESS_KEY_ID or the like" in said["error"]
    assert read_there(loans_model.root, environ)["rows"] == ROWS
