"""The doctor says where a credential of data can do more than read its dataset."""

from __future__ import annotations

import json
import sqlite3

import pytest

from mergeline.doctor.data import credentials
from mergeline.doctor.diagnosis import State
from mergeline.doctor.patient import Patient
from mergeline.settings import resolve
from pipeline.loans import DATA, laid_out


@pytest.fixture
def work(tmp_path):
    work = laid_out(tmp_path / "loans")
    work.source("type: sql, connection: LOANS_DATABASE, query: loans.sql")
    work.write("models/loans/loans.sql", "SELECT * FROM loans\n")
    return work


@pytest.fixture
def environ(tmp_path):
    database = tmp_path / "loans.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE loans (number)")
    return {"LOANS_DATABASE": f"sqlite:///{database}"}


def look(work, environ):
    patient = Patient(resolve(work.root, environ), lambda: None, list)
    return credentials("data credentials", patient)


def private(work):
    work.edit(DATA, "    columns:\n", "    access: {teams: [risk-analytics]}\n    columns:\n")


def test_a_credential_that_is_not_here_is_not_looked_at(work):
    assert look(work, {}).message == "none here; 0 of 1 datasets are not public"
    private(work)
    found = look(work, {})
    assert (found.state, found.message) == (
        State.OK,
        "none here; 1 of 1 datasets are not public",
    )


def test_a_credential_that_does_more_is_said_to(work, environ):
    found = look(work, environ)
    assert found.state is State.WARN
    assert found.message == (
        "loans: the whole file: SQLite knows no accounts, writes the file itself"
    )
    # Whoever can write data that are not public makes the answer no.
    private(work)
    found = look(work, environ)
    assert found.state is State.MISSING
    assert "no other" in found.mend


def test_a_database_that_does_not_answer_is_unknown_and_its_password_is_not_said(work):
    found = look(work, {"LOANS_DATABASE": "sqlite:////no/such/Wxh0-31.db"})
    assert found.state is State.WARN
    assert found.message.startswith("loans: unknown: LOANS_DATABASE does not answer")
    assert "Wxh0-31" not in json.dumps(found.as_json())
