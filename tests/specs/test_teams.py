"""Owners are looked up in the organisation's list of teams, if there is one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mergeline import cli
from mergeline.scaffold.teams import add_team, with_team, with_teams
from mergeline.specs.teams import known_teams

ROOT = Path(__file__).parents[2]
MODEL = "payment-fraud"
DATA = "policies/data.yaml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("policies", "pipelines", f"models/{MODEL}"):
        shutil.copytree(ROOT / name, tmp_path / "r" / name)
    (tmp_path / "r/requirements").mkdir()
    shutil.copy(ROOT / "requirements/runtime.txt", tmp_path / "r/requirements")
    return tmp_path / "r"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def found(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    capsys.readouterr()
    assert cli.main(["-C", str(root), "validate", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [
        lines[number + 1].strip()
        for number, line in enumerate(lines)
        if line.startswith("warning[owner-not-a-team]")
    ]


def test_the_reference_repository_lists_its_teams(root: Path, capsys):
    assert found(root, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("again", [(), ("--no-cache",)])
def test_each_file_is_told_once_where_it_names_the_team(root: Path, capsys, again):
    edit(root / DATA, "    team-payments: []\n", "")
    # The on-call team stays; each line of the four files names the other.
    places = ["data.yaml", "features.yaml:10:12", "model.yaml:5:8", "monitoring.yaml"]
    for arguments in ((), again, (MODEL,)):
        told = found(root, capsys, *arguments)
        assert len(told) == len(places)
        for line, place in zip(told, places, strict=True):
            assert line.startswith(f"--> models/{MODEL}/{place}")


def test_the_nearest_team_is_named(root: Path, capsys):
    edit(root / f"models/{MODEL}/model.yaml", "owner: team-payments", "owner: team-paymnts")
    cli.main(["-C", str(root), "validate"])
    said = capsys.readouterr().out
    assert '"team-paymnts" is no team of the organisation' in said
    assert 'did you mean "team-payments"?' in said


def test_without_a_list_nothing_is_said(root: Path, capsys):
    (root / DATA).write_bytes(with_teams((root / DATA).read_bytes(), []))
    assert found(root, capsys) == []


@pytest.mark.parametrize(
    ("content", "teams"),
    [
        (None, None),
        (b"", None),
        (b"a: [", None),
        (b"organization: {}\n", None),
        (b"organization: {teams: [a]}\n", ["a"]),
        (b"organization: {teams: {b: [ada], a: []}}\n", ["a", "b"]),
    ],
)
def test_the_list_is_a_mapping_of_teams(content: bytes | None, teams: list[str] | None):
    assert known_teams(content) == teams


def test_a_team_is_added_once_and_the_rest_stays():
    content = (ROOT / DATA).read_bytes()
    more = with_team(content, "team-new")
    assert known_teams(more) == sorted([*(known_teams(content) or []), "team-new"])
    assert more.replace(b"    team-new: []\n", b"") == content
    assert with_team(more, "team-new") == more
    assert known_teams(with_teams(content, ["one"])) == ["one"]
    assert with_team(b"organization: {}\n", "a") == b"organization: {}\n"


def test_a_new_repository_lists_the_platform_team_and_then_the_owners_of_its_models(
    tmp_path: Path, capsys
):
    root = tmp_path / "new"
    assert cli.main(["init", str(root), "--platform-team", "platform"]) == 0
    assert known_teams((root / DATA).read_bytes()) == ["platform"]
    assert add_team(root, "team-plants")
    assert not add_team(root, "team-plants")
    assert known_teams((root / DATA).read_bytes()) == ["platform", "team-plants"]
