"""A source at an address: fetched once, kept by content, refused when it is another."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import fsspec
import pytest

from mergeline.digest import digest_bytes
from mergeline.errors import ToolError
from pipeline.loans import DATA, ROWS, digest_of, loans

FILE = "/acme/loans.parquet"


def at(work, name="loans.parquet"):
    """Return the address of a table beside the models."""
    return f"file://{work.root}/stored/acme/{name}"


@pytest.fixture
def stored(loans_model):
    """A file system that holds the loans, twice."""
    folder = loans_model.root / "stored"
    system = fsspec.filesystem("dir", path=str(folder), fs=fsspec.filesystem("file"))
    system.makedirs("/acme/parts.csv")
    system.pipe_file(FILE, loans().to_parquet(index=False))
    system.pipe_file("/acme/loans.csv", loans().to_csv(index=False).encode())
    return system


@pytest.fixture
def work(loans_model, stored):
    loans_model.source(f"type: uri, uri: '{at(loans_model)}'")
    return loans_model


def test_the_digest_is_that_of_the_same_content_in_another_format(work, stored):
    facts = work.read()

    assert (facts["rows"], facts["digest"]) == (ROWS, digest_of(loans()))
    [file] = work.contents()
    assert facts["content"] == digest_bytes(stored.cat_file(FILE)) == f"sha256:{file.name}"
    work.source(f"type: uri, uri: '{at(work, 'loans.csv')}'")
    again = work.read()
    assert again["digest"] == facts["digest"]
    assert again["content"] != facts["content"]


def test_what_is_in_the_store_is_not_fetched_again(work, stored):
    facts = work.read()
    stored.rm(FILE)

    assert work.read() == facts


def test_another_address_is_asked_although_the_store_has_its_dataset(work, stored):
    work.read()
    work.source(f"type: uri, uri: '{at(work, 'other.parquet')}'")

    assert work.refused().rule == "data-not-found"


@pytest.mark.parametrize("harm", ["lost", "truncated", "changed", "receipt", "receipts swapped"])
def test_a_damaged_store_is_fetched_anew(work, stored, harm):
    facts = work.read()
    [file], [receipt] = work.contents(), work.receipts()
    whole = file.read_bytes()
    if harm == "lost":
        file.unlink()
    elif harm == "truncated":
        file.write_bytes(whole[:-1])
    elif harm == "changed":
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif harm == "receipt":
        receipt.write_text("{")
    else:
        other = json.loads(receipt.read_text()) | {"dataset": "sha256:" + "0" * 64}
        receipt.write_text(json.dumps(other))

    assert work.read() == facts
    assert file.read_bytes() == whole


def test_a_damaged_store_does_not_hide_that_the_source_has_changed(work, stored):
    work.read()
    [file] = work.contents()
    file.write_bytes(b"")
    stored.pipe_file(FILE, loans().assign(number=1).to_parquet(index=False))

    assert work.refused().rule == "digest-mismatch"


def test_one_byte_in_row_15000_is_refused(work, stored):
    work.source(f"type: uri, uri: '{at(work, 'loans.csv')}'")
    lines = stored.cat_file("/acme/loans.csv").split(b"\n")
    before = lines[15_000]
    assert before.endswith((b",1", b",0"))
    lines[15_000] = before[:-1] + (b"0" if before.endswith(b"1") else b"1")
    stored.pipe_file("/acme/loans.csv", b"\n".join(lines))

    finding = work.refused()

    assert (finding.rule, finding.location.line) == ("digest-mismatch", work.line(DATA, "digest:"))
    assert digest_of(loans()) in finding.message


def test_what_was_found_can_be_taken_over_without_another_fetch(work, stored):
    stored.pipe_file(FILE, loans().assign(number=1).to_parquet(index=False))
    found = work.refused().hint.rpartition(" ")[2]
    stored.rm(FILE)
    work.edit(DATA, digest_of(loans()), found)

    assert work.read()["digest"] == found


def test_personal_data_are_kept_apart_and_marked(work):
    work.source(f"type: uri, uri: '{at(work)}'", pii=True, retention="30d")
    facts = work.read()

    assert work.contents() == []
    [file], [receipt] = work.contents("private/data"), work.receipts("private/data")
    assert file.stat().st_mode & 0o077 == 0
    said = json.loads(receipt.read_text())
    assert (said["pii"], said["retention"]) == (["country"], "30d")
    assert said["expires"] == "2026-01-31T12:00:00Z"
    assert facts["retention"] == "30d"


def test_data_go_when_they_may_be_kept_no_longer(work, stored):
    work.source(f"type: uri, uri: '{at(work)}'", retention="30d")
    work.read()
    stored.rm(FILE)

    # To use them is not to get them anew: the time runs from when they came.
    work.read(days=20)
    work.read(days=29)
    assert work.refused(days=30).rule == "data-not-found"
    assert (work.contents(), work.receipts()) == ([], [])


CASES = {
    "absent": (
        "file://{root}/stored/acme/no.csv",
        "data-not-found",
        "there is no file://{root}/stored/acme/no.csv",
    ),
    "a folder": ("file://{root}/stored/acme/parts.csv", "data-not-found", "is a folder"),
    "no table": ("file://{root}/stored/acme/loans.xls", "unknown-format", "loans.xls is no table"),
    "no scheme": ("s4://acme/loans.csv", "unsafe-address", '"s4" is not an allowed scheme'),
    "not what it says": (
        "file://{root}/stored/acme/text.parquet",
        "unreadable-data",
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("address", "rule", "message"), CASES.values(), ids=CASES)
def test_what_cannot_be_read(work, stored, address, rule, message):
    stored.pipe_file("/acme/text.parquet", b"hello")
    stored.pipe_file("/acme/parts.csv/0.csv", b"a\n1\n")
    work.edit(DATA, at(work), address.format(root=work.root))

    finding = work.refused()

    assert (finding.rule, finding.location.line) == (rule, work.line(DATA, "uri:"))
    assert message.format(root=work.root) in finding.message


class _Ill(BaseHTTPRequestHandler):
    """By the path: promises more than it gives, is out of order, or has nothing."""

    def do_HEAD(self):
        status = {"/loans.csv": 200, "/broken.csv": 503}.get(self.path, 404)
        self.send_response(status)
        self.send_header("Content-Length", "1000" if status == 200 else "0")
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        if self.path == "/loans.csv":
            self.wfile.write(b"number,amount\n")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def ill():
    server = HTTPServer(("127.0.0.1", 0), _Ill)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_that_ends_early_keeps_nothing(work, ill):
    work.edit(DATA, at(work), f"{ill}/loans.csv")

    with pytest.raises(ToolError, match=r"loans.csv"):
        work.read()

    assert [path for path in (work.root / ".mergeline").rglob("*") if path.is_file()] == []


def test_a_file_that_is_not_there_is_told_from_a_server_that_is_not(work, ill):
    work.edit(DATA, at(work), f"{ill}/absent.csv")
    assert work.refused().rule == "data-not-found"

    work.edit(DATA, f"{ill}/absent.csv", f"{ill}/broken.csv")
    with pytest.raises(ToolError, match=r"broken.csv does not answer: 503"):
        work.read()

    work.edit(DATA, f"{ill}/broken.csv", "http://127.0.0.1:9/loans.csv")
    with pytest.raises(ToolError, match=r"127.0.0.1:9/loans.csv does not answer: Cannot"):
        work.read()


def test_a_missing_library_names_the_command(work):
    work.edit(DATA, at(work), "gs://acme/loans.csv")

    with pytest.raises(ToolError) as caught:
        work.read()

    assert caught.value.hint == 'pip install "mergeline[gcs]"'
