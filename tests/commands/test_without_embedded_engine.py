"""Where the embedded engine does not load, OPA evaluates the policies, or an error names the lack.

regopy is broken for real: a copy of it whose shared object needs a library that there is not.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = ("breast-cancer-diagnosis", "diabetes-progression")
NEEDED, ABSENT = b"libatomic.so.1", b"libabsent.so.1"
LACK = "the embedded policy engine does not load: this system has no libabsent.so.1"
WORKERS = """
from mergeline.commands import validation
validation.WORTH_WORKERS, validation._BATCH, validation.workers = 1, 1, lambda: 2
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Path:
    """A folder for PYTHONPATH."""
    [place] = find_spec("regopy").submodule_search_locations
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(place, folder / "regopy")
    # The libraries that its wheel brings along.
    shutil.copytree(f"{place}.libs", folder / "regopy.libs")
    library = folder / "regopy/librego_shared.so"
    content = library.read_bytes()
    if NEEDED not in content:
        pytest.skip(f"regopy does not need {NEEDED.decode()} here")
    library.write_bytes(content.replace(NEEDED, ABSENT))
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for name in ("pipelines", "policies", "requirements"):
        shutil.copytree(ROOT / name, root / name)
    for name in MODELS:
        shutil.copytree(ROOT / "models" / name, root / "models" / name)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def call(root: Path, *arguments: str, before: str = "", **environment: str):
    """Call Mergeline in a process of its own, with no opa but the one that is named."""
    program = f"{before}\nimport sys\nfrom mergeline.cli import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", program, "-C", str(root), *arguments],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(root.parent),
            "MERGELINE_OPA": "no-such-opa",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def verdicts(root: Path) -> dict[str, bytes]:
    folder = root / ".mergeline/validate"
    return {path.name: path.read_bytes() for path in folder.glob("*.verdicts")}


def test_without_opa_it_is_an_error_that_names_both_ways_out(broken: Path, repository: Path):
    done = call(repository, "validate", PYTHONPATH=str(broken))
    assert done.returncode == 3, done.stderr
    assert done.stderr == (
        f"error: {LACK}, and OPA is not there\n"
        "  = help: install the package that brings it: apt-file search libabsent.so.1; "
        "or put opa (openpolicyagent.org) on PATH\n"
    )


@pytest.mark.slow
@pytest.mark.opa
def test_with_opa_the_findings_are_the_same_and_it_is_said(broken: Path, repository: Path, opa):
    embedded = call(repository, "validate", "--no-cache")
    done = call(repository, "validate", PYTHONPATH=str(broken), MERGELINE_OPA=opa)
    assert done.stderr == f"{LACK}; OPA evaluates the policies: {opa}\n"
    assert (done.returncode, done.stdout) == (embedded.returncode, embedded.stdout)
    assert verdicts(repository) == {}


@pytest.mark.opa
def test_an_engine_that_was_asked_for_is_not_replaced(broken: Path, repository: Path, opa):
    asked = {"MERGELINE_POLICY_ENGINE": "embedded", "MERGELINE_OPA": opa}
    done = call(repository, "validate", PYTHONPATH=str(broken), **asked)
    assert done.returncode == 3
    assert done.stderr.startswith(f"error: {LACK}\n")


@pytest.mark.slow
@pytest.mark.opa
def test_no_workers_are_started_for_opa(broken: Path, repository: Path, opa):
    done = call(repository, "validate", before=WORKERS, PYTHONPATH=str(broken), MERGELINE_OPA=opa)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(LACK) == 1
    assert f"{len(MODELS)} models checked" in done.stdout


@pytest.mark.slow
@pytest.mark.opa
def test_opa_adds_no_verdict_to_those_of_the_embedded_engine(repository: Path, broken: Path, opa):
    # What breaks is in its place from the start: another path would be another key.
    shutil.copytree(broken, repository.parent / "site")
    site = repository.parent / "site"
    library = site / "regopy/librego_shared.so"
    library.write_bytes(library.read_bytes().replace(ABSENT, NEEDED))
    here = {"PYTHONPATH": str(site), "MERGELINE_OPA": opa}
    first = call(repository, "validate", **here)
    kept = verdicts(repository)
    assert (len(kept), first.stderr) == (1, "")

    library.write_bytes(library.read_bytes().replace(NEEDED, ABSENT))
    unchanged = call(repository, "validate", **here)
    assert (unchanged.stdout, unchanged.stderr) == (first.stdout, "")
    path = repository / "models" / MODELS[0] / "model.yaml"
    path.write_text(re.sub(r"(?m)^owner: .*", "owner: nobody-knows", path.read_text()))
    changed = call(repository, "validate", **here)
    assert changed.stderr.startswith(LACK)
    assert "nobody-knows" in changed.stdout
    assert verdicts(repository) == kept


@pytest.mark.slow
@pytest.mark.opa
def test_cases_are_put_to_the_engine_that_is_there(broken: Path, repository: Path, opa):
    done = call(repository, "policy", "test", PYTHONPATH=str(broken), MERGELINE_OPA=opa)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"opa: (\d+) of \1 cases hold\n", done.stdout)


@pytest.mark.slow
@pytest.mark.opa
@pytest.mark.parametrize("there", [True, False])
def test_the_doctor_says_what_brings_it(broken: Path, repository: Path, opa, there: bool):
    environment = {"MERGELINE_OPA": opa} if there else {}
    arguments = ("doctor", "--format", "json")
    done = call(repository, *arguments, PYTHONPATH=str(broken), **environment)
    rows = {row["subject"]: row for row in json.loads(done.stdout)["diagnoses"]}
    row = rows["policy engine"]
    assert row["state"] == ("warn" if there else "missing")
    assert LACK in row["message"]
    assert "apt-file search libabsent.so.1" in row["mend"]
