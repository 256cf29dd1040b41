"""Values of a spec that would execute or read something, met by steps without `validate` before.

Nothing here is found by `validate` first: a verdict may be cached, or of another commit.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest

from mergeline.errors import ToolError
from mergeline.pipeline.construct import build, find_class
from mergeline.pipeline.sources.download import download
from mergeline.pipeline.sources.query import QueryError, ask
from mergeline.pipeline.sources.web import UnsafeAddressError
from mergeline.pipeline.step import StepFailedError
from pipeline.loans import DATA, loans

if TYPE_CHECKING:
    from pipeline.loans import Loans

FILE = "models/loans/loans.parquet"


@pytest.fixture
def work(loans_model):
    loans_model.source("type: file, path: loans.parquet")
    loans().to_parquet(loans_model.root / FILE, index=False)
    return loans_model


def refused(work: Loans, kind: str, kwargs: str) -> list[str]:
    """Run the data step with an expectation; return the messages, all of which are of one rule."""
    expectation = f"    expectations:\n      - type: {kind}\n        kwargs: {{{kwargs}}}\n"
    work.edit(DATA, "target: repaid", f"{expectation}target: repaid")
    with pytest.raises(StepFailedError) as caught:
        work.read()
    assert {finding.rule for finding in caught.value.findings} == {"unsafe-expectation"}
    return [finding.message for finding in caught.value.findings]


EXPECTATIONS = {
    "row_condition": "row_condition: 'number > {command}', condition_parser: pandas",
    "row_condition of Great Expectations' own": (
        "row_condition: 'col(\"number\").notNull()', condition_parser: great_expectations"
    ),
    "a condition as a mapping": (
        "row_condition: {{type: comparison, column: {{name: number}}, operator: '=='}}"
    ),
    "all rows in the results": (
        "result_format: {{result_format: COMPLETE, include_unexpected_rows: true}}"
    ),
    "an exception that counts as nothing": "catch_exceptions: false",
    "a severity": "severity: info",
    "a note": "notes: x",
}


@pytest.mark.parametrize("argument", EXPECTATIONS.values(), ids=EXPECTATIONS)
def test_an_argument_that_is_not_plain(argument, work, tmp_path):
    mark = tmp_path / "executed"
    command = f'@pd.io.common.os.system("touch {mark}")'
    given = f"column: number, min_value: 0, {argument.format(command=command)}"
    for message in refused(work, "expect_column_values_to_be_between", given):
        assert "is not allowed" in message
    assert not mark.exists()


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("match_json_schema", 'column: number, json_schema: {$ref: "file:///etc/passwd"}'),
        ("be_between", "column: number, min_value: {$PARAMETER: 'now()'}"),
        ("be_between", "column: number, min_value: 1, max_value: [{$PARAMETER: x}]"),
        ("be_increasing", "column: number, row_condition: 'True', condition_parser: pandas"),
    ],
)
def test_a_value_that_is_looked_up(kind, kwargs, work):
    refused(work, f"expect_column_values_to_{kind}", kwargs)


@pytest.mark.parametrize(
    "what", ["query_results_to_match_comparison", "table_row_count_to_equal_other_table"]
)
def test_an_expectation_that_asks_elsewhere(what, work):
    refused(work, f"expect_{what}", "other_table_name: x")


def test_an_expectation_without_a_schema_still_serves(work):
    expectation = "expect_column_values_to_be_increasing\n        kwargs: {column: number}\n"
    work.edit(
        DATA, "target: repaid", f"    expectations:\n      - type: {expectation}target: repaid"
    )
    work.read()


class _Leading(BaseHTTPRequestHandler):
    """Leads to what stands behind the first /to/; what it keeps itself is a table."""

    def do_HEAD(self):
        place = self.path.partition("/to/")[2]
        self.send_response(302 if place else 200)
        if place:
            self.send_header("Location", unquote(place.removesuffix("/x.csv")))
        self.send_header("Content-Length", "0" if place else "4")
        self.end_headers()

    def do_GET(self):
        self.server.asked.append(self.path)
        self.do_HEAD()
        if "/to/" not in self.path:
            self.wfile.write(b"a\n1\n")

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def leading():
    server = HTTPServer(("127.0.0.1", 0), _Leading)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def leads(server, place):
    return f"http://127.0.0.1:{server.server_port}/to/{quote(place, safe='')}/x.csv"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_to_another_server_of_the_machine(scheme, tmp_path):
    with leading() as server, leading() as other:
        place = f"{scheme}://127.0.0.1:{other.server_port}/x.csv"
        with pytest.raises(UnsafeAddressError):
            download(leads(server, place), tmp_path / "x")
        assert other.asked == []


@pytest.mark.parametrize(
    "place",
    [
        "http://169.254.169.254/latest/meta-data/x.csv",
        "https://169.254.169.254/x.csv",
        "https://[fd00:ec2::254]/x.csv",
        "https://10.0.0.1/x.csv",
        "https://2130706433/x.csv",
        "https://localhost/x.csv",
        "http://example.com/x.csv",
    ],
)
def test_a_redirect_to_where_no_data_are(place, tmp_path):
    with leading() as server, pytest.raises(UnsafeAddressError):
        download(leads(server, place), tmp_path / "x")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_redirect_to_the_same_server(host, tmp_path):
    with leading() as server:
        download(leads(server, "/moved.csv").replace("127.0.0.1", host), tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"a\n1\n"


def test_a_link_that_leads_out_of_tables(tmp_path):
    (tmp_path / "environ.csv").symlink_to("/proc/self/environ")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/x.csv").write_text("a\n1\n")
    (tmp_path / "x.csv").symlink_to(".hidden/x.csv")
    for name in ("environ.csv", "x.csv"):
        with pytest.raises(UnsafeAddressError):
            download(f"file://{tmp_path}/{name}", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    "source",
    [
        "type: uri, uri: 'reference://x.csv::file://{folder}/refs.csv'",
        "type: lakefs, uri: 'lakefs://loans/main/x.zip::file://{folder}/x.csv'",
        "type: uri, uri: 'local://{folder}/x.csv'",
    ],
)
def test_an_address_that_was_not_validated(source, loans_model, tmp_path):
    mark = tmp_path / "executed"
    code = f"{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}"
    refs = {"version": 1, "templates": {"u": code}, "refs": {"x.csv": ["{{u}}"]}}
    (tmp_path / "refs.csv").write_text(json.dumps(refs))
    (tmp_path / "x.csv").write_text("a\n1\n")
    loans_model.source(source.format(folder=tmp_path))
    keys = ("SERVER_ENDPOINT_URL", "CREDENTIALS_ACCESS_KEY_ID", "CREDENTIALS_SECRET_ACCESS_KEY")
    environ = {f"LAKECTL_{key}": "http://127.0.0.1:9" for key in keys}
    assert loans_model.refused(environ=environ).rule == "unsafe-address"
    assert not mark.exists()


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("sklearn.feature_extraction.text.TfidfVectorizer", {"input": "filename"}),
        ("sklearn.feature_extraction.text.CountVectorizer", {"input": "file"}),
        ("sklearn.cluster.FeatureAgglomeration", {"memory": "cache"}),
        ("sklearn.preprocessing.FunctionTransformer", {"kw_args": {"a": "b"}}),
        ("sklearn.neighbors.KNeighborsClassifier", {"metric_params": {"out": "x"}}),
    ],
)
def test_a_parameter_is_looked_at_before_anything_is_built(path, parameters, work):
    document = work.model("loans").documents["training.yaml"]
    cls, found = find_class(path, document, ("estimator",), "unknown-estimator")
    assert found == []
    made, found = build(cls, parameters, document, ("hyperparameters",), "bad-hyperparameter")
    assert made is None
    assert [finding.rule for finding in found] == ["unsafe-parameter"]


@pytest.mark.parametrize(
    "path",
    ["sklearn.datasets._rcv1.GzipFile", "sklearn.utils.Bunch", "sklearn.utils._testing.TempMemmap"],
)
def test_a_class_that_models_are_not_made_of(path, work):
    document = work.model("loans").documents["training.yaml"]
    cls, found = find_class(path, document, ("estimator",), "unknown-estimator")
    assert cls is None
    assert [finding.rule for finding in found] == ["unknown-estimator"]


@pytest.mark.parametrize("loader", ["load_files", "load_svmlight_file", "load_sample_images"])
def test_a_loader_that_reads_paths(loader, loans_model):
    loans_model.source(f"type: sklearn, loader: {loader}")
    assert loans_model.refused().rule == "unknown-loader"


QUERIES = {
    "a copy of the database": "VACUUM INTO '{file}'",
    "another database": "ATTACH DATABASE '{file}' AS other",
    "a setting": "PRAGMA journal_mode = WAL",
    "another statement": "SELECT a FROM t; VACUUM INTO '{file}'",
    "a comment of MySQL's that is executed": "/*! SET GLOBAL x = 1 */ SELECT a FROM t",
    "a program": "COPY t TO PROGRAM 'touch {file}'",
    "a program between comments": "/* */ COPY t TO PROGRAM 'touch {file}' /* */ SELECT 1",
    "a program behind a nested comment": "/* /* */ SELECT 1 */ COPY t TO PROGRAM 'touch {file}'",
    "a program behind a carriage return": "-- x\rCOPY t TO PROGRAM 'touch {file}'\nSELECT 1",
    "what files there are": "SELECT name, file FROM pragma_database_list",
    "a library": "SELECT load_extension('{file}')",
}


@pytest.mark.parametrize("text", QUERIES.values(), ids=QUERIES)
def test_a_query_that_is_more_than_a_select(text, tmp_path):
    file, database = tmp_path / "made", tmp_path / "loans.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    connection.close()
    question = ask(f"sqlite:///{database}", "LOANS_DATABASE", text.format(file=file), {})
    with pytest.raises(QueryError) as caught, question as answer:
        list(answer.parts)
    if "COPY" in text:
        # Which SQLite does not know, so its own refusal would prove nothing.
        assert "one SELECT" in str(caught.value)
    assert not file.exists()


@pytest.mark.parametrize(
    "text",
    [
        "-- since; 2024\nSELECT a FROM t;\n",
        "/* all */ WITH RECURSIVE n(a) AS (SELECT 1 UNION SELECT a + 1 FROM n WHERE a < 3) "
        "SELECT max(a) AS a FROM n",
        "VALUES (1)",
    ],
)
def test_a_query_that_is_one_select(text, tmp_path):
    database = tmp_path / "loans.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    connection.close()
    with ask(f"sqlite:///{database}", "LOANS_DATABASE", text, {}) as answer:
        assert sum(len(part) for part in answer.parts) == 1


@pytest.mark.parametrize("address", ["duckdb:///:memory:", "sqlite+aiosqlite:///x", "access:///x"])
def test_a_database_inside_this_process(address):
    with (
        pytest.raises(ToolError, match="could read any file"),
        ask(address, "LOANS_DATABASE", "SELECT 1", {}),
    ):
        pass


POINTERS = {
    "another repository": "deps: [{path: x, repo: {url: 'https://example.com/x.git'}}]\n",
    "a command": "cmd: touch x\n",
    "a remote": "",
}
OUTS = {
    "another repository": "{md5: '0', path: loans.csv}",
    "a command": "{md5: '0', path: loans.csv}",
    "a remote": "{md5: '0', path: loans.csv, remote: other}",
    "an absolute path": "{md5: '0', path: /etc/passwd}",
    "a path upwards": "{md5: '0', path: ../../other.csv}",
    "an address": "{md5: '0', path: 'https://example.com/x.csv'}",
    "an option": "{md5: '0', path: --help}",
    "another hash": "{md5: '0', path: loans.csv, hash: etag}",
}


@pytest.mark.parametrize("kind", OUTS)
def test_a_pointer_that_leads_elsewhere(kind, loans_model):
    loans_model.source("type: dvc, pointer: loans.csv.dvc")
    text = f"{POINTERS.get(kind, '')}outs: [{OUTS[kind]}]\n"
    loans_model.write("models/loans/loans.csv.dvc", text)
    assert loans_model.refused().rule == "unreadable-data"
