"""What no commit may bring; what attributes say is compared with Git's own reading."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from mergeline.specs.attributes import attribute_findings
from mergeline.specs.held import Held
from mergeline.specs.tracked import tracked_state
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "path",
    [
        ".mergeline/cache/train/5f/model.skops",
        ".mergeline",
        ".venv/bin/python",
        ".venv",
        ".Venv/bin/mergeline",
        ".MERGELINE/mlflow.db",
        "models/m/.mergeline/x",
        "models/m/__pycache__/features.cpython-311.pyc",
        "models/m/features.pyc",
        "src/.GIT/hooks/post-checkout",
        "git~1/config",
        "MERGEL~1/cache",
        ".ven\u200bv/bin/python",
        ".ven\u00adv/bin/python",
        ".\uff56env/bin/python",
        ".venv./x",
        ".venv /x",
        ".venv::$INDEX_ALLOCATION/x",
    ],
)
def test_state_of_a_tool_is_found_in_any_spelling(path: str):
    [finding] = tracked_state(["models/m/model.yaml", path])
    assert finding.rule == "tracked-state"
    assert finding.location.file.isprintable()


@pytest.mark.parametrize(
    "path",
    [
        ".gitignore",
        ".gitattributes",
        ".github/workflows/release.yml",
        "models/m/venv.md",
        "docs/mergeline/index.md",
        "src/mergeline/git.py",
        "models/m/data~1.csv",
        "models/\u00e9t\u00e9/model.yaml",
        ".mergeline.yaml",
    ],
)
def test_other_files_are_no_state(path: str):
    assert tracked_state([path]) == []


def test_a_folder_is_told_once():
    assert len(tracked_state([".venv/a", ".venv/b", ".mergeline/c"])) == 2


SOURCE = "models/m/source.py"
ATTRIBUTES = {
    "*.py working-tree-encoding=SHIFT-JIS": True,
    "source.py working-tree-encoding=UTF-16": True,
    "*.py working-tree-encoding=UTF-8": False,
    "* eol=crlf": True,
    "* text=auto eol=lf": False,
    "* text=auto": False,
    "*.py ident": True,
    "*.py -ident": False,
    "*.py export-subst": True,
    "models/** filter=lfs": True,
    "/models/m/*.py filter=x": True,
    "models/*/source.py filter=x": True,
    "models/*.py filter=x": False,
    "*.parquet filter=lfs diff=lfs merge=lfs -text": False,
    "[a-z]*.p[!z] filter=x": True,
    '"sourc\\145.py" filter=x': True,
    "**/m/source.py filter=x": True,
    "models/m filter=x": False,
    "*.py filter=x\n*.py -filter": False,
    "*.py filter=x\n*.py !filter": False,
    "*.py -filter\n*.py filter=x": True,
    "[attr]turned filter=x ident\n*.py turned": True,
    "[attr]turned filter=x\n*.md turned": False,
    "# *.py filter=x": False,
    "docs/** filter=x": False,
    "so?rce.py filter=x": True,
}
_NAMES = ("working-tree-encoding", "eol", "ident", "export-subst", "filter")


@pytest.mark.parametrize(("text", "converts"), ATTRIBUTES.items())
def test_attributes_that_convert(
    text: str, converts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    (tmp_path / "models/m").mkdir(parents=True)
    (tmp_path / SOURCE).write_text("x\n")
    (tmp_path / ".gitattributes").write_text(f"{text}\n")
    found = list(attribute_findings(WorkingTree(tmp_path), [".gitattributes", SOURCE]))
    assert bool(found) is converts
    assert all(finding.location.file == ".gitattributes" for finding in found)
    # Git reads them alike.
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    told = subprocess.run(
        [*git, "check-attr", *_NAMES, "--", SOURCE], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    values = dict(line.split(": ", 2)[1:] for line in told)
    none = {"unset", "unspecified", "UTF-8", "lf"}
    assert bool({name for name in _NAMES if values[name] not in none}) is converts


def test_the_attributes_of_a_folder_decide(tmp_path: Path):
    (tmp_path / "models/m").mkdir(parents=True)
    (tmp_path / ".gitattributes").write_text("*.py filter=x\n")
    (tmp_path / "models/m/.gitattributes").write_text("*.py -filter\nquery.sql ident\n")
    paths = [".gitattributes", "models/m/.gitattributes", SOURCE, "models/m/query.sql"]
    [finding] = attribute_findings(WorkingTree(tmp_path), paths)
    assert (finding.location.file, finding.location.line) == ("models/m/.gitattributes", 2)
    assert finding.message.startswith("ident makes models/m/query.sql another file")


HIDING = {
    "*.py -diff": "-diff",
    "source.py binary": "-diff",
    "models/** linguist-generated": "linguist-generated",
    "models/** linguist-generated=true": "linguist-generated=true",
    "*.py linguist-vendored": "linguist-vendored",
    "*.py gitlab-generated": "gitlab-generated",
    "[attr]x -diff\n*.py x": "-diff",
    "*.py x\n[attr]x y\n[attr]y linguist-generated": "linguist-generated",
    "*.PY -diff": "-diff",
}


@pytest.mark.parametrize(("text", "shown"), HIDING.items())
def test_attributes_that_hide(text: str, shown: str):
    name = ".gitattributes"
    [finding] = attribute_findings(Held({name: f"# x\n{text}\n".encode()}), [name, SOURCE])
    assert finding.rule == "hiding-attribute"
    assert finding.message == f"{shown} hides what changes in {SOURCE} from its reviewers"
    line = text.split("\n").index(next(one for one in text.split("\n") if "[attr]" not in one))
    assert (finding.location.file, finding.location.line) == (name, line + 2)
    assert finding.hint


@pytest.mark.parametrize("name", ["models/.gitattributes", "models/m/.gitattributes"])
def test_attributes_of_a_folder_that_hide(name: str):
    files = Held({".gitattributes": b"*.py diff\n", name: b"*.py binary\n"})
    [finding] = attribute_findings(files, [".gitattributes", name, SOURCE])
    assert (finding.rule, finding.location.file) == ("hiding-attribute", name)


@pytest.mark.parametrize(
    "path",
    [
        *("models/m/model.yaml", "models/m/query.sql", "models/m/data", "models/m/README.md"),
        *("pipelines/p.yaml", "policies/model.rego", "policies/data.yaml", "waivers/w.yaml"),
        *("requirements/runtime.txt", ".github/workflows/release.yml", ".github/CODEOWNERS"),
        *("CODEOWNERS", ".gitattributes", "src/.gitattributes", "models/m/x.parquet.py"),
    ],
)
def test_what_is_reviewed_may_not_be_hidden(path: str):
    name, pattern = ".gitattributes", f"/{path} binary\n".encode()
    [finding] = attribute_findings(Held({name: pattern}), {path, name})
    assert (finding.rule, finding.location.line) == ("hiding-attribute", 1)


@pytest.mark.parametrize(
    "text",
    [
        *("*.parquet binary", "*.csv -diff linguist-generated", "* diff", "*.py diff=python"),
        *("*.py -linguist-generated", "*.py linguist-generated=false", "*.py !diff", "*.md -diff"),
        *("*.py -diff\n*.py diff", "*.py binary\n*.py -binary diff", "docs/** binary"),
        *("*.py -text", "*.py -merge", "*.py linguist-language=Python", "[attr]x -diff\n*.md x"),
    ],
)
def test_attributes_that_hide_nothing(text: str):
    paths = [SOURCE, "models/m/loans.csv", "models/m/loans.PARQUET", "src/x.py", "docs/a.md"]
    assert (
        list(
            attribute_findings(Held({".gitattributes": text.encode()}), [".gitattributes", *paths])
        )
        == []
    )
