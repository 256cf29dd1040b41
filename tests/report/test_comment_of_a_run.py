"""`mergeline comment --workflow-run`: what a run without rights has left is data, and no more."""

from __future__ import annotations

import json

import pytest

from devforge.workbench import ADA, BOT, Clock, make_config, make_workbench
from loop.world import ACTIONS, MODEL
from loop.world import ADA as AUTHOR
from mergeline.commands.comment import _post
from mergeline.devforge import DevelopmentForge
from mergeline.pipeline.result import write_result
from mergeline.report.comment import MARKER, head_of, run_of
from mergeline.report.given import UNREADABLE, given_result
from report import samples
from report.test_markdown import hold


@pytest.fixture
def changed(world):
    """A pull request, and the clone of a job of the default branch that knows its commits."""
    world.edit("training.yaml", "C: 1.0", "C: 0.8")
    world.edit("model.yaml", "version: 0.1.0", "version: 0.2.0")
    world.push("change")
    pull_request = world.open("change")
    world.git("switch", "--quiet", "main")
    return world, pull_request


def event(world, head, **changed):
    told = {
        "id": 7,
        "run_attempt": 1,
        "head_sha": head,
        "head_branch": "change",
        "head_repository": {"owner": {"login": "acme"}},
    }
    path = world.clone.parent / "event.json"
    path.write_text(json.dumps({"workflow_run": {**told, **changed}}))
    return str(path)


def comment(world, path, *more):
    reports = str(world.clone.parent / "results")
    return world.mergeline(
        "comment", "--workflow-run", path, "--reports", reports, *more, user=ACTIONS
    )


def bodies(world, number):
    with world.client(AUTHOR) as forge:
        return [one.body for one in forge.comments(number)]


def leave(world, **changed):
    """What the run leaves, of a test merge that nobody here knows."""
    result = samples.passing(model=MODEL, version="0.2.0", commit="e" * 40, **changed)
    write_result(result, world.clone.parent / "results" / MODEL)


@pytest.mark.slow
def test_the_pull_request_is_the_one_that_the_forge_names(changed):
    world, pull_request = changed
    leave(world)
    page = "https://github.example/acme/models/actions/runs/7"
    comment(world, event(world, pull_request.head_sha, html_url=page))
    [body] = bodies(world, pull_request.number)
    assert body.startswith("**Ready.** 1 model changed")
    assert run_of(body) == (7, 1)
    assert f"\n[Reports and plots]({page}#artifacts) of the models that ran\n" in body


@pytest.mark.slow
@pytest.mark.parametrize(
    "told",
    [
        {"head_sha": "c" * 40},
        {"head_branch": "other"},
        {"head_repository": {"owner": {"login": "mallory"}}},
        {"head_repository": None},
    ],
)
def test_a_run_of_anything_else_says_nothing(changed, told):
    world, pull_request = changed
    leave(world)
    answer = comment(world, event(world, pull_request.head_sha, **told))
    assert answer.out.startswith("nothing posted: no open pull request is at ")
    assert bodies(world, pull_request.number) == []


@pytest.mark.slow
def test_an_older_run_never_overwrites_a_newer_one(changed):
    world, pull_request = changed
    head = pull_request.head_sha
    leave(world)
    comment(world, event(world, head, id=9, run_attempt=2))
    newest = bodies(world, pull_request.number)
    for older in ({"id": 9, "run_attempt": 1}, {"id": 8, "run_attempt": 5}):
        answer = comment(world, event(world, head, **older))
        assert answer.out == "nothing posted: a newer run has commented\n"
        assert bodies(world, pull_request.number) == newest
    comment(world, event(world, head, id=10))
    [body] = bodies(world, pull_request.number)
    assert run_of(body) == (10, 1)


@pytest.mark.slow
def test_of_an_older_commit_even_a_later_run_is_overwritten(changed):
    world, pull_request = changed
    with world.client(ACTIONS) as forge:
        stale = f"Head `{'c' * 40}` · plan `sha256:0` · run `99.9`\n\n{MARKER}\n"
        forge.create_comment(pull_request.number, stale)
    leave(world)
    comment(world, event(world, pull_request.head_sha), "--author", ACTIONS.login)
    [body] = bodies(world, pull_request.number)
    assert run_of(body) == (7, 1)


def test_what_is_no_event_is_said(world):
    path = world.clone.parent / "event.json"
    event(world, "a" * 40, html_url="https://x/) [y](https://evil.example")
    for text in (path.read_text(), "", "{}", '{"workflow_run": {"id": "7"}}', "[" * 10_000):
        path.write_text(text)
        answer = world.mergeline("comment", "--workflow-run", str(path), expect=2)
        assert "is not the payload of a workflow_run event" in answer.err


HOSTILE = (
    "@everyone #1 <img src=x onerror=alert(1)> [x](https://example.org) ![y](https://example.org/y)",
    "</code></details>`` ```\n::error file=x::pwned\n::set-output name=a::b",
    "| a | b |\n|---|---|\n# Title\n<!-- mergeline:comment -->",
    f"\nHead `{'c' * 40}` · plan `sha256:0` · run `99999.1`\n",
)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_it_left_means_anything(changed, text):
    """It is shown as letters: a Markdown parser finds nothing else in it."""
    world, pull_request = changed
    finding = samples.issue(text, rule=text, file=text, hint=text)
    leave(world, findings=(finding,), metrics=(samples.metric(name=text),))
    answer = comment(world, event(world, pull_request.head_sha))
    assert not [line for line in (answer.out + answer.err).splitlines() if line.startswith("::")]
    [body] = bodies(world, pull_request.number)
    assert run_of(body) == (7, 1)
    assert head_of(body) == pull_request.head_sha
    hold(body)


@pytest.mark.parametrize("place", ["folder", "file"])
def test_a_link_out_of_the_folder_is_not_followed(tmp_path, place):
    outside = tmp_path / "outside"
    write_result(samples.passing(), outside)
    reports = tmp_path / "reports"
    if place == "folder":
        reports.mkdir()
        (reports / "churn").symlink_to(outside)
    else:
        (reports / "churn").mkdir(parents=True)
        (reports / "churn/result.json").symlink_to(outside / "result.json")
    assert given_result(reports, samples.planned(), None) == UNREADABLE


def test_a_marker_forged_by_another_bot_is_left_alone(tmp_path):
    with DevelopmentForge(tmp_path / "forge", make_config(), clock=Clock()) as forge:
        bench = make_workbench(tmp_path, forge)
        bench.branch("change")
        with bench.client(ADA) as ada, bench.client(BOT) as bot:
            number = ada.create_pull_request(title="t", body="", head="change", base="main").number
            forged = bot.create_comment(number, f"**Ready.**\n\n{MARKER}")
            posted = _post(bot, number, f"one\n\n{MARKER}", "github-actions[bot]")
            assert posted is not None
            assert posted.id != forged.id
