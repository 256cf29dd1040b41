"""`mergeline fetch`: data come with one's own credential, are logged, and go on by digest."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import zipfile

import pytest

from mergeline import cli
from mergeline.digest import digest_file
from mergeline.pipeline.fetch_log import person_of, read_log, without_credentials
from mergeline.pipeline.sources import sql
from pipeline.loans import DATA, digest_of, laid_out, loans

ACTIONS = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "ada",
    "GITHUB_TRIGGERING_ACTOR": "grace",
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "acme/models",
    "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "2",
}


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Loans for one team, in a database whose address the environment does not hold."""
    # MLflow sets its variable for the whole process.
    for name in (*ACTIONS, "LOANS_DATABASE", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    work = laid_out(tmp_path / "loans")
    database = tmp_path / "loans.db"
    with sqlite3.connect(database) as connection:
        loans().to_sql("loans", connection, index=False)
    work.source("type: sql, connection: LOANS_DATABASE, query: loans.sql", retention="30d")
    work.write("models/loans/loans.sql", "SELECT * FROM loans ORDER BY number\n")
    # Code of the model that must not run.
    work.write("models/loans/features.py", "raise SystemExit('it ran')\n")
    work.edit(DATA, "    columns:\n", "    access: {teams: [risk-analytics]}\n    columns:\n")
    return work


@pytest.fixture
def own(work, tmp_path, monkeypatch):
    monkeypatch.setenv("LOANS_DATABASE", f"sqlite:///{tmp_path}/loans.db")
    return work


def call(work, capsys, *arguments, code=0):
    capsys.readouterr()
    assert cli.main(["-C", str(work.root), *map(str, arguments)]) == code
    return capsys.readouterr()


def fetched(work, capsys, *arguments):
    return json.loads(call(work, capsys, "fetch", "loans", *arguments, "--format", "json").out)


def test_without_an_own_credential_it_says_who_may_read_and_what_to_set(work, capsys):
    for verb in ("fetch", "run"):
        err = call(work, capsys, verb, "loans", code=3).err
        assert "the dataset loans is not public" in err
        assert "does not hold LOANS_DATABASE" in err
        assert "an account of your own, never to a shared one" in err
        assert "risk-analytics may read loans" in err
        assert f"models/loans/data.yaml:{work.line(DATA, 'type: sql')}" in err


def test_data_come_by_digest_and_the_fetch_is_logged(own, capsys):
    answer = fetched(own, capsys)
    [file] = own.contents("private/data")
    assert answer["content"] == f"sha256:{file.name}" == digest_file(file)
    assert (answer["by"], answer["size"]) == ("source", file.stat().st_size)
    assert (answer["public"], answer["readers"]) == (False, ["risk-analytics"])
    [record] = read_log(own.root / ".mergeline").records
    assert (record.model, record.dataset, record.content) == ("loans", "loans", answer["content"])
    assert (record.uri, record.digest) == (
        "sql://LOANS_DATABASE/models/loans/loans.sql",
        digest_of(loans()),
    )
    assert (record.run, record.by) == ("local", "source")
    assert record.named_by in ("git", "system")
    assert (own.root / ".mergeline/fetches.jsonl").stat().st_mode & 0o777 == 0o600


def test_the_source_is_read_in_another_process(own, capsys, monkeypatch):
    """This one may hold the token of a forge or a registry's password."""

    def here(*_: object):
        raise AssertionError("the source was read in this process")

    monkeypatch.setattr(sql, "fetch", here)
    assert fetched(own, capsys)["by"] == "source"


@pytest.mark.slow
def test_a_run_reads_what_was_fetched_and_needs_no_credential(own, capsys, monkeypatch):
    own.write("models/loans/features.py", "")
    content = fetched(own, capsys)["content"]
    monkeypatch.delenv("LOANS_DATABASE")
    result = json.loads(call(own, capsys, "run", "loans", "--fetched", "--format", "json").out)
    assert result["outcome"] == "passed"
    assert result["data"]["content"] == content
    assert fetched(own, capsys)["by"] == "store"
    assert [one.by for one in read_log(own.root / ".mergeline").records] == ["source", "store"]


def test_a_run_that_may_ask_no_source_says_how_the_data_come(own, capsys):
    own.write("models/loans/features.py", "")
    err = call(own, capsys, "run", "loans", "--fetched", code=3).err
    assert "the data store does not have the dataset loans" in err
    assert "mergeline fetch loans" in err
    assert read_log(own.root / ".mergeline").records == []


@pytest.mark.slow
def test_bytes_go_on_by_digest(own, capsys, tmp_path, monkeypatch):
    own.write("models/loans/features.py", "")
    folder = tmp_path / "handed"
    content = fetched(own, capsys, "--to", folder)["content"]
    assert {path.name for path in folder.iterdir()} == {
        content.removeprefix("sha256:"),
        "loans.receipt.json",
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("LOANS_DATABASE")
    subprocess.run(["rm", "-rf", own.root / ".mergeline"], check=True)
    out = call(own, capsys, "run", "loans", "--from", folder, "--format", "json").out
    result = json.loads(out)
    assert (result["outcome"], result["data"]["content"]) == ("passed", content)
    # The evidence names who fetched, the log of this clone who took.
    fetch = json.loads((own.root / result["paths"]["data"] / "fetch.json").read_bytes())
    assert (fetch["by"], fetch["digest"]) == ("source", digest_of(loans()))
    assert [one.by for one in read_log(own.root / ".mergeline").records] == ["folder"]


@pytest.mark.parametrize("harm", ["changed", "swapped", "cut", "gone", "receipt", "dataset"])
def test_what_is_not_what_its_name_says_is_refused(own, capsys, tmp_path, harm):
    folder = tmp_path / "handed"
    name = fetched(own, capsys, "--to", folder)["content"].removeprefix("sha256:")
    subprocess.run(["rm", "-rf", own.root / ".mergeline"], check=True)
    receipt = folder / "loans.receipt.json"
    said = json.loads(receipt.read_text())
    code = 1
    if harm == "changed":
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif harm == "swapped":
        (folder / name).write_bytes(loans().assign(number=1).to_parquet(index=False))
    elif harm == "cut":
        (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    elif harm == "gone":
        (folder / name).unlink()
        code = 2
    elif harm == "receipt":
        receipt.write_text(json.dumps(said | {"content": "sha256:../../secret"}))
        code = 2
    else:
        receipt.write_text(json.dumps(said | {"dataset": "payments"}))
    err = call(own, capsys, "fetch", "loans", "--from", folder, code=code).err
    assert str(folder) in err
    assert own.contents("private/data") == []


def test_other_data_under_their_own_digest_are_refused_by_the_data_step(own, capsys, tmp_path):
    own.write("models/loans/features.py", "")
    folder = tmp_path / "handed"
    name = fetched(own, capsys, "--to", folder)["content"].removeprefix("sha256:")
    subprocess.run(["rm", "-rf", own.root / ".mergeline"], check=True)
    (folder / name).unlink()
    other = folder / "other"
    loans().assign(number=1).to_parquet(other, index=False)
    content = digest_file(other)
    other.rename(folder / content.removeprefix("sha256:"))
    receipt = folder / "loans.receipt.json"
    receipt.write_text(json.dumps(json.loads(receipt.read_text()) | {"content": content}))
    assert "digest-mismatch" in call(own, capsys, "run", "loans", "--from", folder, code=1).out


def test_what_is_over_is_not_taken_but_deleted(own, capsys, tmp_path):
    folder = tmp_path / "handed"
    name = fetched(own, capsys, "--to", folder)["content"].removeprefix("sha256:")
    receipt = folder / "loans.receipt.json"
    said = json.loads(receipt.read_text()) | {"fetched": "2020-01-01T00:00:00Z"}
    receipt.write_text(json.dumps(said))
    err = call(own, capsys, "fetch", "loans", "--from", folder, code=1).err
    assert "may be kept for 30d: they are deleted" in err
    assert not (folder / name).exists()


@pytest.mark.parametrize(
    "source", ["type: file, path: loans.csv", "type: sklearn, loader: load_iris"]
)
def test_what_is_here_needs_no_fetch(work, capsys, source):
    work.write("models/loans/loans.csv", "number\n1\n")
    work.edit(DATA, "type: sql, connection: LOANS_DATABASE, query: loans.sql", source)
    assert fetched(work, capsys)["by"] is None
    assert "nothing to fetch" in call(work, capsys, "fetch", "loans").out


@pytest.mark.slow
def test_a_wrong_answer_is_asked_for_again(own, capsys, tmp_path):
    """What was fetched and read as something else does not stand in the way of the next run."""
    own.write("models/loans/features.py", "")
    with sqlite3.connect(tmp_path / "loans.db") as connection:
        connection.execute("UPDATE loans SET amount = 2 WHERE number = 7")
    fetched(own, capsys)
    assert "digest-mismatch" in call(own, capsys, "run", "loans", code=1).out
    with sqlite3.connect(tmp_path / "loans.db") as connection:
        connection.execute("UPDATE loans SET amount = 1 WHERE number = 7")
    environ = {"LOANS_DATABASE": f"sqlite:///{tmp_path}/loans.db"}
    assert own.read(environ=environ)["digest"] == digest_of(loans())


def test_a_model_that_is_not_there(work, capsys):
    assert "there is no model" in call(work, capsys, "fetch", "lones", code=2).err


@pytest.fixture
def cloned(own):
    """The work tree as a clone with a commit."""
    own.write("models/loans/features.py", "")
    own.write(".gitignore", ".mergeline/\n")
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "loans"]):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", *identity, *words], cwd=own.root, check=True)
    return own


def fetches(work, capsys, *options, code=0):
    out = call(work, capsys, "audit", *options, "--fetches", "--format", "json", code=code).out
    return json.loads(out)


@pytest.mark.slow
def test_audit_says_who_fetched_by_the_clone_and_by_the_registry(cloned, capsys, monkeypatch):
    for name, value in ACTIONS.items():
        monkeypatch.setenv(name, value)
    content = fetched(cloned, capsys)["content"]
    call(cloned, capsys, "run", "loans", "--fetched")
    log = cloned.root / ".mergeline/fetches.jsonl"
    result = json.loads((cloned.root / ".mergeline/runs/loans/result.json").read_bytes())
    [row] = fetches(cloned, capsys, "loans")["fetches"]
    assert row["recorded"] == ["this clone", result["mlflow"]["run_id"]]
    assert (row["person"], row["named_by"], row["content"]) == (
        "ada, again by grace",
        "github",
        content,
    )
    # A workflow's clone goes with its machine.
    log.unlink()
    [row] = fetches(cloned, capsys, "--by", "GRACE")["fetches"]
    assert row["recorded"] == [result["mlflow"]["run_id"]]
    assert fetches(cloned, capsys, "--by", "eve")["fetches"] == []
    assert fetches(cloned, capsys, "--offline")["fetches"] == []
    assert fetches(cloned, capsys, "--at", "2020-01-01T00:00Z")["fetches"] == []
    out = call(cloned, capsys, "audit", "--fetches", "--format", "csv").out
    assert out.splitlines()[1].split(",")[1] == '"ada'
    table = call(cloned, capsys, "audit", "--fetches").out
    assert "acme/models/actions/runs/7/attempts/2" in table
    assert "claimed" not in table


def test_audit_marks_a_claimed_name_and_a_damaged_log(cloned, capsys):
    fetched(cloned, capsys)
    assert "(claimed)" in call(cloned, capsys, "audit", "loans", "--fetches").out
    log = cloned.root / ".mergeline/fetches.jsonl"
    log.write_bytes(log.read_bytes() + b'{"at": "2026')
    answer = fetches(cloned, capsys, "loans", code=1)
    [finding] = answer["findings"]
    assert (finding["rule"], finding["line"]) == ("fetch-unreadable", 2)
    assert len(answer["fetches"]) == 1
    call(cloned, capsys, "audit", "--fetches", "--env", "staging", code=2)


@pytest.mark.slow
def test_a_bundle_takes_the_fetches_along(cloned, capsys, tmp_path):
    fetched(cloned, capsys)
    bundle = tmp_path / "audit.zip"
    call(cloned, capsys, "audit", "loans", "--fetches", "--export", bundle)
    with zipfile.ZipFile(bundle) as files:
        assert len(json.loads(files.read("answer.json"))["fetches"]) == 1


def test_a_person_is_who_github_says_or_who_the_machine_claims():
    person = person_of(ACTIONS, {"user.name": "Eve"}, "root")
    assert (person.name, person.named_by) == ("ada, again by grace", "github")
    assert person.run == "https://github.example/acme/models/actions/runs/7/attempts/2"
    # A variable alone does not make it a workflow.
    git = {"user.name": "Ada L", "user.email": "ada@example.com"}
    person = person_of({"GITHUB_ACTOR": "eve"}, git, "root")
    assert (person.name, person.named_by, person.run) == (
        "Ada L <ada@example.com>",
        "git",
        "local",
    )
    assert person_of({}, {}, "ada").named_by == "system"


def test_no_credential_of_an_address_is_logged():
    uri = "https://ada:secret@data.example:8443/a/loans.csv?sig=abc#x"
    assert without_credentials(uri) == "https://data.example:8443/a/loans.csv"
    assert without_credentials("models/loans/loans.csv") == "models/loans/loans.csv"
