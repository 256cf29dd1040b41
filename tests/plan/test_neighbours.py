"""Other open pull requests on the same models: found in few calls, and never in the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.plan.workbench import edited, model_files, named, shared_files

from devforge.workbench import ADA, BO, REPOSITORY, Clock, Workbench, make_config, make_workbench
from mergeline.cli import main
from mergeline.devforge import DevelopmentForge
from mergeline.forge.asking import Asking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A forge that holds churn and price, and a clone of it on the branch `mine`."""
    with DevelopmentForge(tmp_path / "forge", make_config(), clock=Clock()) as forge:
        made = make_workbench(tmp_path, forge)
        for path, content in {
            **shared_files(),
            **model_files(),
            **model_files(named("price"), "price"),
        }.items():
            target = made.clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        made.git("add", ".")
        made.git("commit", "-q", "-m", "models")
        made.push()
        monkeypatch.setenv("GITHUB_API_URL", forge.api_url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", ADA.token)
        monkeypatch.delenv("GITHUB_REF", raising=False)
        yield made


def seeded(name: str, seed: int) -> dict[str, str]:
    """Return the files of a model that differ from main's: it is trained with another seed."""
    files = model_files(edited({"training.random_seed": seed}, named(name)), name)
    path = f"models/{name}/training.yaml"
    return {path: files[path].decode()}


def opened(bench: Workbench, branch: str, files: dict[str, str], user=ADA) -> int:
    bench.branch(branch, files, user)
    client = bench.client(user)
    return client.create_pull_request(title=f"*{branch}*", body="", head=branch, base="main").number


def mine(bench: Workbench) -> int:
    return opened(bench, "mine", seeded("churn", 2))


def forget(bench: Workbench, branch: str) -> None:
    """Take a branch and its commits out of the clone, as if somebody else had pushed it."""
    bench.git("branch", "-q", "-D", branch)
    bench.git("update-ref", "-d", f"refs/remotes/origin/{branch}")
    bench.git("reflog", "expire", "--expire=now", "--all")
    bench.git("gc", "-q", "--prune=now")


def planned(bench: Workbench, capsys, *words: str, form: str = "json"):
    arguments = ["plan", "--base", "origin/main", "--format", form, *words]
    assert main(["-C", str(bench.clone), *arguments]) == 0
    shown = capsys.readouterr().out
    return json.loads(shown) if form == "json" else shown


def numbers(answer) -> dict[str, list[int]]:
    return {m["name"]: [one["number"] for one in m["pull_requests"]] for m in answer["models"]}


def test_another_one_on_the_same_model_is_said_and_ours_is_not(bench, capsys):
    other = opened(bench, "other", seeded("churn", 3), BO)
    opened(bench, "price", seeded("price", 3), BO)
    mine(bench)
    answer = planned(bench, capsys)
    assert numbers(answer) == {"churn": [other]}
    assert answer["pull_requests"] == {"known": True, "note": None}
    [one] = answer["models"][0]["pull_requests"]
    assert (one["author"], one["title"], one["number"]) == ("bo", "*other*", other)
    text = planned(bench, capsys, form="text")
    assert f"also open: #{other} by bo changes it too: *other*\n" in text
    assert "1 in another pull request too" in text
    assert f"`#{other} by bo changes it too: *other*`" in planned(bench, capsys, form="markdown")


def test_the_digest_does_not_depend_on_them(bench, capsys):
    mine(bench)
    before = planned(bench, capsys)
    opened(bench, "other", seeded("churn", 3), BO)
    bench.git("checkout", "-q", "mine")
    after = planned(bench, capsys)
    assert (before["digest"], numbers(before)) == (after["digest"], {"churn": []})
    assert numbers(after) == {"churn": [2]}


def test_ours_is_told_by_number_and_by_the_workflows_event(bench, capsys, monkeypatch):
    number = mine(bench)
    bench.git("checkout", "-q", "-b", "renamed")
    assert numbers(planned(bench, capsys)) == {"churn": []}
    bench.commit("models/churn/code.py", "x = 1\n")
    assert numbers(planned(bench, capsys)) == {"churn": [number]}
    assert numbers(planned(bench, capsys, "--pull-request", str(number))) == {"churn": []}
    monkeypatch.setenv("GITHUB_REF", f"refs/pull/{number}/merge")
    assert numbers(planned(bench, capsys)) == {"churn": []}


@pytest.mark.slow
def test_what_the_clone_does_not_have_is_asked_for_up_to_a_limit(bench, capsys, monkeypatch):
    asked: list[int] = []
    closing = Asking.close
    monkeypatch.setattr(Asking, "close", lambda self: (asked.append(self.calls), closing(self))[1])
    for number in range(15):
        branch = f"other-{number}"
        opened(bench, branch, seeded("churn", number + 3), BO)
    mine(bench)
    for number in range(15):
        forget(bench, f"other-{number}")
    answer = planned(bench, capsys)
    assert numbers(answer) == {"churn": list(range(15, 3, -1))}
    note = "3 open pull requests were not looked at in full"
    assert answer["pull_requests"] == {"known": True, "note": note}
    assert asked == [13]
    assert f"other pull requests: {note}\n" in planned(bench, capsys, form="text")


def test_nobody_is_asked_where_nothing_changed_or_offline(bench, capsys, monkeypatch):
    mine(bench)

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("mergeline.forge.Forge.pull_requests", never)
    assert planned(bench, capsys, "--offline")["pull_requests"] == {"known": False, "note": None}
    assert planned(bench, capsys, "--head", "origin/main")["models"] == []
    for name in ("GITHUB_API_URL", "GITHUB_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    assert planned(bench, capsys)["pull_requests"] == {"known": False, "note": None}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GITHUB_TOKEN", "nobody", "the forge could not be asked: "),
        ("GITHUB_REPOSITORY", "x", "the forge could not be asked: not a repository"),
    ],
)
def test_a_forge_that_does_not_answer_is_no_error(bench, capsys, monkeypatch, name, value, said):
    mine(bench)
    monkeypatch.setenv(name, value)
    answer = planned(bench, capsys)
    assert answer["pull_requests"]["known"] is False
    assert answer["pull_requests"]["note"].startswith(said)
    assert numbers(answer) == {"churn": []}
