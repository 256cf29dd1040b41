"""Whatever names the supported versions of Python agrees with the one list of them."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from mergeline.pythons import NEWEST, OLDEST, PYTHONS, SPECIFIER

ROOT = Path(__file__).parents[1]
SET_UPS = ("scripts/set-up", "src/mergeline/scaffold/files/set-up")
# What is not about Mergeline's own versions, or is generated from what is.
ASIDE = ("requirements/", "tests/", "policies/", "docs/reference/", "CHANGELOG.md")


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in done.stdout.splitlines() if not name.startswith(ASIDE)]


def test_the_specifier_admits_the_list_and_no_more():
    minors = [f"3.{minor}" for minor in range(40) if f"3.{minor}.9" in SpecifierSet(SPECIFIER)]
    assert minors == list(PYTHONS)


def test_the_package_says_them():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == SPECIFIER
    prefix = "Programming Language :: Python :: "
    named = [line.removeprefix(prefix) for line in project["classifiers"] if prefix in line]
    assert named == list(PYTHONS)


def test_tools_hold_the_code_to_the_oldest():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert tool["ruff"]["target-version"] == f"py{OLDEST.replace('.', '')}"
    assert tool["mypy"]["python_version"] == OLDEST
    assert f"--python-version {OLDEST} " in (ROOT / "scripts/lock").read_text()


@pytest.mark.parametrize("path", SET_UPS)
def test_set_up_looks_for_them(path: str):
    text = (ROOT / path).read_text()
    [names] = re.findall(r"names=\((.*)\)", text)[:1]
    assert names.split() == [*(f"python{python}" for python in reversed(PYTHONS)), "python3"]
    oldest, newest = (version.replace(".", ", ") for version in (OLDEST, NEWEST))
    assert f"({oldest}) <= sys.version_info[:2] <= ({newest})" in text


def test_texts_name_no_other_range():
    ranges = {}
    for name in tracked():
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for found in re.findall(r"3\.\d+ to 3\.\d+|>=3\.\d+,<3\.\d+", text):
            ranges.setdefault(found, []).append(name)
    assert set(ranges) == {f"{OLDEST} to {NEWEST}", SPECIFIER}, ranges


def test_workflows_and_the_action_name_them():
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["inputs"]["python-version"]["default"] == NEWEST
    tests = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
    assert tests["jobs"]["test"]["strategy"]["matrix"]["python"] == [OLDEST, NEWEST]
    shared = (ROOT / "pipelines/workflows/shared.j2").read_text()
    assert f'[% set python = "{NEWEST}" %]' in shared
