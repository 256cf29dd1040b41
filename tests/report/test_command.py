from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from devforge.workbench import ADA, BO, BOT, Clock, make_config, make_workbench
from loop.world import ADA as AUTHOR
from loop.world import GRACE, MODEL
from mergeline.commands.comment import _post
from mergeline.devforge import DevelopmentForge
from mergeline.pipeline.result import write_result
from mergeline.report.comment import MARKER
from report import samples

FILES = ["report.html", "comment.md", "result.json"]


def comments(world, number):
    with world.client(AUTHOR) as forge:
        return forge.comments(number)


def change(world):
    """A pull request that changes hyperparameters and the version."""
    world.edit("training.yaml", "C: 1.0", "C: 0.8")
    world.edit("model.yaml", "version: 0.1.0", "version: 0.2.0")
    world.push("change")
    return world.open("change")


def test_a_report_needs_a_run(world):
    answer = world.mergeline("report", MODEL, expect=2)
    assert f"{MODEL} has not been run here yet" in answer.err
    assert f"help: mergeline run {MODEL}" in answer.err
    answer = world.mergeline("report", MODEL[:-1], expect=2)
    assert f'did you mean "{MODEL}"?' in answer.err
    assert not (world.clone / ".mergeline/reports").exists()


@pytest.mark.slow
def test_a_run_a_report_and_the_comment_on_the_pull_request(world):
    pull_request = change(world)
    number = str(pull_request.number)
    with world.client(GRACE) as forge:
        foreign = forge.create_comment(pull_request.number, f"**Ready.**\n\n{MARKER}")

    url = world.mergeline("comment", "--pull-request", number).out.strip()
    [_, mine] = comments(world, pull_request.number)
    assert mine.url == url
    assert mine.body.startswith("**Not ready: 1 thing unmet.**")
    assert "no result for this commit" in mine.body

    world.mergeline("run", MODEL)
    paths = world.mergeline("report", MODEL).out.splitlines()
    folder = world.clone / ".mergeline/reports" / MODEL
    assert paths == [str(folder / name) for name in FILES]
    before = [Path(path).read_bytes() for path in paths]
    world.mergeline("report", MODEL)
    assert [Path(path).read_bytes() for path in paths] == before
    assert b"changed since" not in before[0]

    assert world.mergeline("comment", "--pull-request", number).out.strip() == url
    [theirs, edited] = comments(world, pull_request.number)
    assert theirs == foreign
    assert edited.id == mine.id
    assert edited.body.startswith("**Ready.** 1 model changed")
    assert "| `0.1.0 → 0.2.0` |" in edited.body

    _elsewhere(world, number, edited.body)
    _of_another_commit(world, number, edited)


def _elsewhere(world, number, body):
    """--output writes the same and posts nothing."""
    path = world.clone.parent / "comment.md"
    world.mergeline("comment", "--pull-request", number, "--output", str(path))
    assert path.read_text().strip() == body.strip()


def _of_another_commit(world, number, edited):
    """A superseded run changes nothing; at the new head the old result does not count."""
    old = world.git("rev-parse", "HEAD")
    world.edit("training.yaml", "C: 0.8", "C: 0.9")
    world.git("commit", "--quiet", "--all", "--message", "more")
    world.git("push", "--quiet", "origin", "change")
    new = world.git("rev-parse", "HEAD")
    page = world.mergeline("report", MODEL)
    assert "changed since" in Path(page.out.splitlines()[0]).read_text()
    world.git("checkout", "--quiet", old)
    answer = world.mergeline("comment", "--pull-request", number)
    assert answer.out.startswith(f"nothing posted: {old[:12]} is checked out")
    assert comments(world, int(number))[1] == edited
    # As a workflow has it: the test merge of base and head.
    world.git("checkout", "--quiet", "main")
    world.git("merge", "--quiet", "--no-ff", "--no-edit", new)
    world.mergeline("comment", "--pull-request", number, "--base", "HEAD^1")
    [_, again] = comments(world, int(number))
    assert again.id == edited.id
    assert "no result for this commit" in again.body
    assert new in again.body
    _forged(world, number, new)


def _forged(world, number, new):
    """What a pull request's own job hands over is data, whatever it says."""
    folder = world.clone / ".mergeline/reports" / MODEL
    result = json.loads((folder / "result.json").read_text())
    hostile = "@everyone <img src=x> | [x](https://example.org)"
    result["commit"] = new
    result["metrics"][0]["name"] = hostile
    (folder / "result.json").write_text(json.dumps(result))
    world.mergeline("comment", "--pull-request", number, "--base", "HEAD^1")
    [_, forged] = comments(world, int(number))
    assert f"`{hostile}`".replace("|", "\\|") in forged.body
    shutil.rmtree(folder)
    (folder).mkdir()
    (folder / "result.json").write_text("{")
    world.mergeline("comment", "--pull-request", number, "--base", "HEAD^1")
    assert "a result that cannot be read" in comments(world, int(number))[1].body


def test_a_folder_that_cannot_be_written_is_said_and_leaves_nothing(world):
    write_result(samples.passing(model=MODEL), world.clone / ".mergeline/runs" / MODEL)
    (world.clone / "reports").write_text("a file")
    answer = world.mergeline("report", MODEL, "--output", "reports", expect=2)
    assert "the report cannot be written" in answer.err
    assert "help: choose another folder with --output DIR" in answer.err
    assert (world.clone / "reports").read_text() == "a file"


def test_a_result_that_cannot_be_read_is_an_error(world):
    folder = world.clone / ".mergeline/runs" / MODEL
    write_result(samples.passing(model=MODEL, metrics=({"name": 1},)), folder)
    answer = world.mergeline("report", MODEL, expect=3)
    assert "the result of the run cannot be read" in answer.err
    assert not (world.clone / ".mergeline/reports").exists()


def test_a_policy_that_cannot_be_asked_is_said_and_is_not_yes(world, monkeypatch):
    pull_request = change(world)
    monkeypatch.setenv("MERGELINE_OPA_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MERGELINE_POLICY_ENGINE", "opa")
    world.mergeline("comment", "--pull-request", str(pull_request.number))
    [posted] = comments(world, pull_request.number)
    assert posted.body.startswith("**Not ready:")
    assert "the policies could not be asked" in posted.body


@pytest.fixture
def bench(tmp_path):
    with DevelopmentForge(tmp_path / "forge", make_config(), clock=Clock()) as forge:
        yield make_workbench(tmp_path, forge)


def test_the_token_of_an_app_finds_the_comment_of_its_bot(bench):
    bench.branch("change")
    with bench.client(ADA) as ada, bench.client(BO) as bo, bench.client(BOT) as bot:
        number = ada.create_pull_request(title="t", body="", head="change", base="main").number
        bo.create_comment(number, f"not the bot's\n\n{MARKER}")
        first = _post(bot, number, f"one\n\n{MARKER}")
        second = _post(bot, number, f"two\n\n{MARKER}")
        assert second.id == first.id
        assert [one.body.split("\n")[0] for one in bot.comments(number)] == ["not the bot's", "two"]


def test_a_quotation_of_the_comment_is_not_the_comment(bench):
    bench.branch("change")
    with bench.client(ADA) as ada:
        number = ada.create_pull_request(title="t", body="", head="change", base="main").number
        quoted = ada.create_comment(number, f"> {MARKER}\n\nwhy not ready?")
        posted = _post(ada, number, f"one\n\n{MARKER}")
        assert posted.id != quoted.id
