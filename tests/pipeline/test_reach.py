"""What a credential can do beyond reading its dataset, told by a real server of each kind."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy

from mergeline.errors import ToolError
from mergeline.pipeline.sources.reach import Reach, reach_of
from pipeline.loans import DATA
from postgres import postgres

SET_UP = """
CREATE TABLE loans (number int, amount float8);
CREATE TABLE salaries (person text, amount float8);
CREATE SCHEMA staff;
CREATE TABLE staff.people (name text, phone text);
CREATE VIEW summary AS SELECT count(*) FROM loans;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE ROLE exact LOGIN; GRANT SELECT ON loans TO exact;
CREATE ROLE broad LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO broad;
CREATE ROLE columns LOGIN; GRANT SELECT ON loans TO columns;
GRANT SELECT (person) ON salaries TO columns;
CREATE ROLE everything LOGIN IN ROLE pg_read_all_data;
CREATE ROLE writer LOGIN; GRANT SELECT, INSERT ON loans TO writer;
CREATE ROLE maker LOGIN; GRANT SELECT ON loans TO maker; GRANT CREATE ON SCHEMA staff TO maker;
CREATE ROLE unused LOGIN; GRANT SELECT ON loans, staff.people TO unused;
"""
ROLES = {
    "exact": Reach(),
    "broad": Reach(("tables that the query does not name: public.salaries, public.summary",)),
    "columns": Reach(("tables that the query does not name: public.salaries",)),
    "everything": Reach(
        ("tables that the query does not name: public.salaries, public.summary, staff.people",)
    ),
    "writer": Reach(writes=("public.loans",)),
    "maker": Reach(writes=("the tables of a schema",)),
    # Without USAGE of the schema, the right to its table is none.
    "unused": Reach(),
}


@pytest.fixture(scope="module")
def server():
    with postgres() as address:
        engine = sqlalchemy.create_engine(address)
        with engine.begin() as connection:
            for statement in SET_UP.strip().split(";\n"):
                connection.exec_driver_sql(statement)
        engine.dispose()
        yield address


@pytest.fixture
def work(loans_model):
    loans_model.source("type: sql, connection: LOANS_DATABASE, query: loans.sql")
    loans_model.write("models/loans/loans.sql", "SELECT * FROM loans ORDER BY number\n")
    return loans_model


def reach(work, **environ):
    return reach_of(work.model("loans"), environ)


@pytest.mark.slow
@pytest.mark.parametrize(("role", "wanted"), ROLES.items(), ids=ROLES)
def test_what_a_role_of_postgresql_reads_and_writes(work, server, role, wanted):
    assert reach(work, LOANS_DATABASE=server.replace("tester@", f"{role}@")) == wanted


def test_a_superuser_writes_everything(work, server):
    found = reach(work, LOANS_DATABASE=server)
    assert found.writes[0] == "everything: it is a superuser"
    assert "staff.people" in found.reads[0]


def test_a_database_that_does_not_answer_is_an_error(work, server):
    with pytest.raises(ToolError, match="does not answer"):
        reach(work, LOANS_DATABASE=server.replace("tester@", "nobody@"))


def test_sqlite_is_the_whole_file(work, tmp_path):
    database = tmp_path / "loans.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE loans (number)")
    found = reach(work, LOANS_DATABASE=f"sqlite:///{database}")
    assert found == Reach(("the whole file: SQLite knows no accounts",), ("the file itself",))


def test_a_file_that_every_account_reads(work, tmp_path):
    file = tmp_path / "loans.csv"
    file.write_text("number\n")
    work.edit(
        DATA,
        "type: sql, connection: LOANS_DATABASE, query: loans.sql",
        f"type: uri, uri: 'file://{file}'",
    )
    file.chmod(0o604)
    assert reach(work).reads == ("every account of this machine reads the file",)
    file.chmod(0o600)
    assert reach(work).reads == ()


def test_what_is_not_known_is_said_to_be_unknown(work):
    work.edit(
        DATA,
        "type: sql, connection: LOANS_DATABASE, query: loans.sql",
        "type: dvc, pointer: loans.csv.dvc",
    )
    work.write("models/loans/loans.csv.dvc", "outs: []\n")
    assert reach(work) == Reach(unknown=("what its own tool reads with is not told",))


def test_an_address_of_the_web_is_open_to_whoever_reaches_it(work):
    work.edit(
        DATA,
        "type: sql, connection: LOANS_DATABASE, query: loans.sql",
        "type: uri, uri: 'https://data.example/loans.csv'",
    )
    assert reach(work).reads == ("it needs no credential: whoever reaches the address reads it",)
