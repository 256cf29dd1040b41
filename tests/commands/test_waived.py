"""Waivers from end to end: validate, by the work tree's policies and by those of a commit."""

from __future__ import annotations

import shutil
import subprocess
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mergeline import cli
from mergeline.commands.session import Session
from mergeline.promotion.judgement import judge_model
from mergeline.specs.repository import load_repository

ROOT = Path(__file__).parents[2]
MODEL = "breast-cancer-diagnosis"
WAIVER = """\
apiVersion: mergeline.dev/v1
kind: Waiver
rule: {rule}
model: {model}
owner: team-diagnostics
reason: The runbook moves to another site this quarter.
expires: {expires}
"""


@pytest.fixture
def repository(tmp_path):
    for name in ("pipelines", "requirements", "policies", f"models/{MODEL}"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "waivers").mkdir()
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)


def break_runbook(repository):
    path = repository / "models" / MODEL / "model.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "runbook:" not in line))


def waive(repository, rule="runbook-missing", model=MODEL, expires="2999-12-31"):
    text = WAIVER.format(rule=rule, model=model, expires=expires)
    (repository / "waivers" / "move.yaml").write_text(text)


def validate(repository, capsys, *arguments):
    code = cli.main(["-C", str(repository), "validate", *arguments])
    return code, capsys.readouterr().out


@pytest.mark.slow
def test_a_waiver_in_force(repository, capsys):
    break_runbook(repository)
    assert validate(repository, capsys)[0] == 1
    waive(repository)
    for _ in range(2):  # also from what was kept of the first time
        code, out = validate(repository, capsys)
        assert code == 0
        assert "warning[runbook-missing]" in out
        assert "waived until 2999-12-31 by waiver move (team-diagnostics: The runbook" in out
    (repository / "waivers" / "move.yaml").unlink()
    assert validate(repository, capsys)[0] == 1


@pytest.mark.slow
def test_the_doctor_says_what_validate_says(repository, capsys, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    for expires, line in (
        ("2999-12-31", "ok       models: 1 valid, "),
        ("2020-01-31", "missing  models: validate finds 2 errors"),
    ):
        break_runbook(repository)
        waive(repository, expires=expires)
        for _ in range(2):
            cli.main(["-C", str(repository), "doctor"])
            assert line in capsys.readouterr().out
        assert list((repository / ".mergeline/validate").glob("*.verdicts"))


def test_an_expired_waiver(repository, capsys):
    break_runbook(repository)
    waive(repository, expires="2020-01-31")
    code, out = validate(repository, capsys)
    assert code == 1
    assert "error[runbook-missing]" in out
    assert "error[waiver-expired]: waiver move of rule runbook-missing ended on 2020-01-31" in out
    assert "waivers/move.yaml:7:" in out


def test_a_change_cannot_bring_its_own_waiver(repository, capsys):
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "before")
    break_runbook(repository)
    waive(repository)
    code, out = validate(repository, capsys, "--policies-from", "HEAD")
    assert code == 1
    assert "error[runbook-missing]" in out
    git(repository, "add", "waivers")
    git(repository, "commit", "--quiet", "-m", "waived")
    assert validate(repository, capsys, "--policies-from", "HEAD")[0] == 0


@pytest.mark.slow
def test_what_is_wrong_with_a_waiver_is_said(repository, capsys):
    waive(repository, rule="runbook-mising")
    code, out = validate(repository, capsys)
    assert code == 1
    assert 'error[waiver-unknown-rule]: there is no policy rule "runbook-mising"' in out
    assert 'did you mean "runbook-missing"?' in out
    waive(repository)
    code, out = validate(repository, capsys)
    assert code == 0
    assert "warning[waiver-unused]" in out


@pytest.mark.slow
def test_check_and_apply_heed_the_waivers_of_the_tree_that_judges(repository):
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "before")
    break_runbook(repository)
    waive(repository, expires="2030-06-30")

    def severity(tree, day):
        session = Session(Namespace(directory=repository), clock=lambda: day)
        folders = load_repository(session.work_tree)
        engine = session.judges(tree(session))
        findings = judge_model(engine, folders.models[MODEL], folders)
        return {str(one.severity) for one in findings if one.rule == "runbook-missing"}

    last, after = (datetime(2030, month, day, tzinfo=UTC) for month, day in ((6, 30), (7, 1)))
    assert severity(lambda session: session.work_tree, last) == {"warning"}
    assert severity(lambda session: session.work_tree, after) == {"error"}
    assert severity(lambda session: session.git.tree("HEAD"), last) == {"error"}
