"""Files that were made to hurt: each refused in seconds, and in little memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = "models/diabetes-progression"
HEAD = b"apiVersion: mergeline.dev/v1\nkind: Model\n"
LOCKFILE = "requirements/runtime.txt"
# Runs the command as a child and prints the most memory that it held, in KiB, on a line of its own.
MEASURE = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "mergeline", *sys.argv[1:]], timeout=30)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.returncode)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("policies", "pipelines", MODEL):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / LOCKFILE, tmp_path / LOCKFILE)
    return tmp_path


def link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def grow(path: Path) -> None:
    os.truncate(path, 1_000_000_000)


def write(content: bytes):
    return lambda path: path.write_bytes(content)


CASES = {
    "alias bomb": (f"{MODEL}/model.yaml", write(HEAD + b"a: &a [x]\nb: [*a, *a]\n"), "yaml-alias"),
    "deep": (f"{MODEL}/model.yaml", write(HEAD + b"a: " + b"[" * 400_000), "too-deep"),
    "million keys": (
        f"{MODEL}/model.yaml",
        write(HEAD + b"".join(b"k%d: 1\n" % number for number in range(1_000_000))),
        "file-too-large",
    ),
    "1 GB of YAML": (f"{MODEL}/model.yaml", grow, "file-too-large"),
    "1 GB of Python": (f"{MODEL}/patients.py", grow, "file-too-large"),
    "1 GB of template": ("pipelines/regression.yaml", grow, "file-too-large"),
    "1 GB of policy": ("policies/model/data.rego", grow, "more than 1,000,000 bytes"),
    "1 GB of policy data": ("policies/data.yaml", grow, "more than 1,000,000 bytes"),
    "1 GB of lockfile": (LOCKFILE, grow, "lockfile-not-pinned"),
    "lockfile is a link": (LOCKFILE, lambda path: link(path, "/etc/hosts"), "file-not-found"),
    "lockfile is endless": (LOCKFILE, lambda path: link(path, "/dev/zero"), "file-not-found"),
    "lockfile is a pipe": (LOCKFILE, pipe, "file-not-found"),
    "spec is a link": (
        f"{MODEL}/model.yaml",
        lambda path: link(path, "/etc/hosts"),
        "symbolic-link",
    ),
    "spec is a pipe": (f"{MODEL}/model.yaml", pipe, "missing-file"),
}


@pytest.mark.slow
def test_a_gigabyte_of_notes_is_no_finding_and_takes_little_memory(root: Path) -> None:
    (root / MODEL / "notes.txt").touch()
    grow(root / MODEL / "notes.txt")
    peak, code = measured(root)[:2]
    assert (code, peak < 500) == (0, True)


def measured(root: Path) -> tuple[float, int, str]:
    """Return the most memory of a validation in MiB, its exit code, and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, "-C", str(root), "validate", "--no-cache"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    peak, code = map(int, done.stdout.splitlines()[-1].split())
    mebibytes = peak / (1024 if sys.platform == "linux" else 1024**2)
    return mebibytes, code, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "spoil", "said"), CASES.values(), ids=CASES)
def test_it_is_refused_soon_and_in_little_memory(root: Path, name, spoil, said) -> None:
    spoil(root / name)
    peak, code, told = measured(root)
    assert said in told
    assert "Traceback" not in told
    assert code in (1, 2)
    assert peak < 500
