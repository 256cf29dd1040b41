"""What the documentation points to is there: files, headings, commands, options."""

from __future__ import annotations

import argparse
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from mergeline.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    if path.is_file()
)
MODELS = sorted((ROOT / "models").glob("*/model.yaml"))
# README says of these that they are not there yet.
NOT_YET: set[str] = set()
OURS = "https://github.com/mergeline/mergeline/blob/main/"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"(?:\$ |^|`)mergeline (?:-C \S+ )?([a-z]+)([^`\n]*)", re.M)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.M)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


def broken(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    if not there.exists():
        return True
    return bool(anchor) and there.suffix == ".md" and anchor not in anchors(there)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path):
    targets = [link for link in LINK.findall(prose(page)) if "://" not in link]
    assert [target for target in targets if broken(page, target)] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.parent.name)
def test_links_of_reference_models_lead_to_pages_of_this_repository(model: Path):
    links = yaml.safe_load(model.read_text(encoding="utf-8"))["links"]
    assert links
    for link in links.values():
        assert link.startswith(OURS)
        assert not broken(ROOT / "README.md", link.removeprefix(OURS)), link


def options(command: str) -> set[str]:
    parser = argparse.ArgumentParser()
    import_module(f"mergeline.commands.{command}").add_arguments(parser)
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_have_the_options_that_are_shown(page: Path):
    unknown = [
        f"mergeline {name}{rest}"
        for name, rest in COMMAND.findall(page.read_text(encoding="utf-8"))
        if name not in NOT_YET
        if name not in COMMANDS or not set(re.findall(r"--[a-z-]+", rest)) <= options(name)
    ]
    assert unknown == []


def test_what_is_not_there_yet_is_not_there():
    assert not NOT_YET & set(COMMANDS)


def test_the_table_of_commands_names_every_command_and_option():
    rows = dict(
        re.findall(r"^\| `mergeline ([a-z]+)(.*)$", (ROOT / "README.md").read_text("utf-8"), re.M)
    )
    assert list(rows) == list(COMMANDS)
    for command, row in rows.items():
        # The format is told of below the table, for all of them.
        assert options(command) - {"-h", "--help", "--format"} == set(re.findall(r"--[a-z-]+", row))


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "decisions"
    listed = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_json_examples_are_json():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    blocks = [body for kind, body in FENCE.findall(text) if kind == "json"]
    assert blocks
    for block in blocks:
        json.loads(block)
