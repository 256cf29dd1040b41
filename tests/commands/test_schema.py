"""`mergeline schema`: what it prints is what the specs are held to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mergeline import cli
from mergeline.specs.kinds import ALL_KINDS
from mergeline.specs.schemas import schema_file, schema_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_it_prints_the_schema_of_a_kind(kind, capsys):
    assert cli.main(["schema", kind.name]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(schema_text(kind))


def test_all_are_written_into_a_folder_below_the_directory(tmp_path: Path, capsys):
    assert cli.main(["-C", str(tmp_path), "schema", "--all", "--output", "a/b"]) == 0
    assert capsys.readouterr().out == f"wrote {len(ALL_KINDS)} schemas into a/b\n"
    written = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("a/b/*")}
    assert written == {schema_file(kind): json.loads(schema_text(kind)) for kind in ALL_KINDS}


def test_one_is_written_alone(tmp_path: Path):
    assert cli.main(["-C", str(tmp_path), "schema", "Data", "--output", "."]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["Data.schema.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Trainig"], 'there is no kind "Trainig"\n  = help: did you mean "Training"?'),
        ([], "name a KIND"),
        (["Model", "--all", "--output", "x"], "name a KIND"),
        (["--all"], "add --output DIR"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_of_usage(tmp_path: Path, capsys, arguments, said):
    assert cli.main(["-C", str(tmp_path), "schema", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys):
    (tmp_path / "taken").write_text("a file")
    assert cli.main(["-C", str(tmp_path), "schema", "Data", "--output", "taken"]) == 3
    assert "cannot be written" in capsys.readouterr().err
