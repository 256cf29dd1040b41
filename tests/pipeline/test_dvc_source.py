"""A pointer of DVC's, with the real `dvc` and a remote in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from mergeline.digest import digest_file
from mergeline.errors import RefusedError, ToolError
from pipeline.beside import environment
from pipeline.loans import DATA, ROWS, digest_of, laid_out, loans

pytestmark = pytest.mark.slow
POINTER = "models/loans/loans.csv.dvc"


@pytest.fixture(scope="module")
def environ(tmp_path_factory):
    home = tmp_path_factory.mktemp("dvc")
    return {
        "PATH": f"{environment('benchmark')}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site"),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


@pytest.fixture(scope="module")
def pushed(tmp_path_factory, environ):
    """A work tree with the pointer alone; the file is in the remote."""
    folder = tmp_path_factory.mktemp("pushed")
    work = laid_out(folder / "work")
    work.source("type: dvc, pointer: loans.csv.dvc")
    loans().to_csv(work.root / "models/loans/loans.csv", index=False)
    for command in (
        "git init --quiet",
        "dvc init --quiet",
        "dvc remote add --quiet --default store ../remote",
        "dvc add --quiet models/loans/loans.csv",
        "dvc push --quiet",
    ):
        words = command.split()
        program = shutil.which(words[0], path=environ["PATH"])
        subprocess.run([program, *words[1:]], cwd=work.root, env=environ, check=True, timeout=120)
    shutil.rmtree(work.root / ".dvc/cache")
    (work.root / "models/loans/loans.csv").unlink()
    return folder


@pytest.fixture
def work(pushed, tmp_path):
    """A copy, its remote beside it, to change."""
    shutil.copytree(pushed, tmp_path / "copy")
    work = laid_out(tmp_path / "copy/work")
    work.source("type: dvc, pointer: loans.csv.dvc")
    return work


def _remote(work):
    [file] = [each for each in (work.root.parent / "remote").rglob("*") if each.is_file()]
    file.chmod(0o644)
    return file


def test_the_file_comes_from_the_remote_once(work, environ):
    content = digest_file(_remote(work))

    facts = work.read(environ=environ)

    assert (facts["rows"], facts["digest"]) == (ROWS, digest_of(loans()))
    assert (facts["uri"], facts["content"]) == (f"dvc://{POINTER}", content)
    assert not (work.root / "models/loans/loans.csv").exists()
    shutil.rmtree(work.root.parent / "remote")
    assert work.read() == facts


def test_a_file_that_was_cut_off_in_the_remote(work, environ):
    _remote(work).write_bytes(_remote(work).read_bytes()[:-9])

    finding = work.refused(environ=environ)

    assert (finding.rule, finding.location.line) == (
        "pointer-mismatch",
        work.line(DATA, "pointer:"),
    )
    assert work.contents() == []


def test_a_file_that_is_lost_in_the_remote(work, environ):
    _remote(work).unlink()

    with pytest.raises(ToolError, match=r"dvc cannot give models/loans/loans.csv: "):
        work.read(environ=environ)


def test_another_pointer_is_another_dataset(work, environ):
    work.read(environ=environ)
    work.edit(POINTER, "- md5: ", "- md5: 0")

    # What the store has is of another pointer, and the remote has nothing of this one.
    with pytest.raises(ToolError, match="dvc cannot give"):
        work.read(environ=environ)


@pytest.mark.parametrize(
    "text",
    ["outs: []", "hello", "outs: [{path: loans.csv", "outs: [{md5: 1.dir, path: loans.csv}]"],
)
def test_a_pointer_that_is_none(work, environ, text):
    work.write(POINTER, text)

    assert work.refused(environ=environ).rule == "unreadable-data"


def test_without_dvc_the_error_names_the_command(work, environ):
    with pytest.raises(ToolError, match="dvc is not installed") as caught:
        work.read(environ=environ | {"PATH": "/nowhere"})

    assert caught.value.hint == 'pip install "mergeline[dvc]"'


@pytest.mark.parametrize(
    "line",
    [
        "url = s3://acme/loans\n    secret_access_key = Wxh0-31",
        "url = https://ada:Wxh0-31@data.example/loans",
    ],
)
def test_a_credential_that_the_repository_shares_reads_no_private_data(work, environ, line):
    config = work.root / ".dvc/config"
    config.write_text(f"{config.read_text()}\n['remote \"other\"']\n    {line}\n")
    assert work.read(environ=environ)["rows"] == ROWS
    shutil.rmtree(work.root / ".mergeline")
    work.edit(DATA, "    columns:\n", "    access: {teams: [risk-analytics]}\n    columns:\n")

    with pytest.raises(RefusedError) as caught:
        work.read(environ=environ)

    assert ".dvc/config holds" in caught.value.message
    assert "risk-analytics may read loans" in caught.value.hint
    assert "Wxh0-31" not in f"{caught.value.message}{caught.value.hint}"
