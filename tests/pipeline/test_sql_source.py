"""A query as a source: the same digest from two databases, and refused when it answers anew."""

from __future__ import annotations

import pytest
import sqlalchemy
from sqlalchemy import types

from mergeline.errors import ToolError
from pipeline.loans import COLUMNS, DATA, ROWS, digest_of, loans
from postgres import postgres

pytestmark = pytest.mark.slow
QUERY = "models/loans/loans.sql"
ASKED = f"SELECT {', '.join(COLUMNS)} FROM loans WHERE number >= :first ORDER BY number"
TYPES = {
    "number": types.BigInteger(),
    "amount": types.Double(),
    "country": types.Text(),
    "secured": types.Boolean(),
    "paid_at": types.DateTime(),
    "repaid": types.Integer(),
}


def _fill(address):
    engine = sqlalchemy.create_engine(address)
    frame = loans()
    table = sqlalchemy.Table(
        "loans",
        sqlalchemy.MetaData(),
        *(sqlalchemy.Column(name, kind) for name, kind in TYPES.items()),
    )
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    with engine.begin() as connection:
        table.metadata.drop_all(connection)
        table.create(connection)
        connection.execute(table.insert(), rows)
    engine.dispose()


@pytest.fixture(scope="module")
def server():
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """A database that holds the loans."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path}/loans.db"
    else:
        address = request.getfixturevalue("server")
    _fill(address)
    return address


def _change(address, statement):
    engine = sqlalchemy.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(statement))
    engine.dispose()


@pytest.fixture
def work(loans_model, address):
    loans_model.source(
        "type: sql, connection: LOANS_DATABASE, query: loans.sql, parameters: {first: 0}"
    )
    loans_model.write(QUERY, ASKED)
    return loans_model


@pytest.fixture
def environ(address):
    return {"LOANS_DATABASE": address}


def test_the_answer_is_the_same_dataset_whatever_database_gave_it(work, environ):
    facts = work.read(environ=environ)

    assert (facts["rows"], facts["digest"]) == (ROWS, digest_of(loans()))
    assert facts["uri"] == "sql://LOANS_DATABASE/models/loans/loans.sql"
    [file] = work.contents()
    assert facts["content"] == f"sha256:{file.name}"


def test_the_snapshot_stays_when_the_database_does_not(work, environ, address):
    facts = work.read(environ=environ)
    _change(address, "DROP TABLE loans")

    assert work.read() == facts


def test_without_the_snapshot_another_answer_is_refused(work, environ, address):
    work.read(environ=environ)
    _change(address, "UPDATE loans SET amount = amount + 0.0001 WHERE number = 15000")
    for file in work.contents():
        file.unlink()

    finding = work.refused(environ=environ)

    assert (finding.rule, finding.location.line) == ("digest-mismatch", work.line(DATA, "digest:"))


@pytest.mark.parametrize(
    "text",
    [
        ASKED.replace("amount,", "amount + 0.0 * random() + random() * 1e-9 AS amount,"),
        ASKED.replace("ORDER BY number", "ORDER BY random()"),
    ],
)
def test_a_query_with_two_answers_is_refused_at_once(work, environ, text):
    # SQLite's random() is an integer of 64 bits, PostgreSQL's a fraction.
    work.write(QUERY, text)

    finding = work.refused(environ=environ)

    assert (finding.rule, finding.location.line) == ("unstable-query", work.line(DATA, "query:"))
    assert "ORDER" not in finding.message
    assert work.contents() == []


REFUSED = {
    "no table": ("SELECT * FROM laons", "loans.sql is refused: "),
    "no SQL": ("SELEKT 1", "loans.sql is refused: "),
    "no parameter": ("SELECT :last AS number", "loans.sql is refused: "),
    "no rows": ("SET TIME ZONE 'UTC'", "loans.sql is refused: "),
    "a change": ("DELETE FROM loans WHERE number > 0 RETURNING number", "loans.sql is refused: "),
    "the same name twice": (
        ASKED.replace("number,", "number, amount AS number,", 1).replace("BY number", "BY 1"),
        "two columns have the same name",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_query_that_the_database_refuses(work, environ, address, text, message):
    work.write(QUERY, text)

    finding = work.refused(environ=environ)

    assert finding.rule == "query-failed", finding
    assert message in finding.message
    work.write(QUERY, ASKED)
    assert work.read(environ=environ)["rows"] == ROWS


def test_other_columns_and_types_are_found_where_they_are_declared(work, environ):
    work.write(QUERY, ASKED.replace("repaid", "repaid AS paid"))
    context = work.context("loans", environ=environ)
    from mergeline.pipeline.sources import reader
    from mergeline.pipeline.step import StepFailedError

    with pytest.raises(StepFailedError) as caught:
        reader(context).read(context, context.model.data.datasets[0].source)
    assert [one.rule for one in caught.value.findings] == ["column-undeclared", "column-missing"]

    work.write(QUERY, ASKED.replace("number,", "'7' AS number,", 1))
    finding = work.refused(environ=environ)
    assert finding.message == 'column "number" holds a str that is no int64'
    assert finding.location.line == work.line(DATA, "name: number")


def test_a_database_that_does_not_answer(work, tmp_path):
    for address in (
        f"sqlite:///{tmp_path}/none.db",
        "postgresql+psycopg://tester:Wxh0-31@127.0.0.1:9/loans",
    ):
        with pytest.raises(ToolError, match="LOANS_DATABASE does not answer") as caught:
            work.read(environ={"LOANS_DATABASE": address})
        assert "Wxh0" not in f"{caught.value}{caught.value.hint}"
    assert not (tmp_path / "none.db").exists()


def test_a_connection_that_is_not_there_or_none(work):
    with pytest.raises(ToolError, match="environment does not hold LOANS_DATABASE") as caught:
        work.read(environ={})
    assert caught.value.location.line == work.line(DATA, "connection:")

    with pytest.raises(ToolError, match="holds no URL of a database"):
        work.read(environ={"LOANS_DATABASE": "loans"})

    with pytest.raises(ToolError) as caught:
        work.read(environ={"LOANS_DATABASE": "mssql+pymssql://host/loans"})
    assert caught.value.hint == "install SQLAlchemy's driver for mssql+pymssql"
