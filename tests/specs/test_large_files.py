"""Of what people write no more is read than it may have, from the work tree as from a commit."""

from __future__ import annotations

import os
import subprocess

import pytest

from mergeline.git import GitRepository
from mergeline.specs.tree import WorkingTree
from mergeline.written import MAX_BYTES

SIZE = 5 * MAX_BYTES
FILES = {"a.yaml": MAX_BYTES + 1, "b.py": MAX_BYTES + 1, "c.rego": MAX_BYTES + 1, "d.csv": SIZE}


@pytest.fixture(params=["work tree", "commit"])
def tree(request, tmp_path):
    for name in (*FILES, "small.yaml"):
        (tmp_path / name).write_bytes(b"a: 1\n")
        if name in FILES:
            os.truncate(tmp_path / name, SIZE)
    if request.param == "work tree":
        return WorkingTree(tmp_path)
    person = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*person, "commit", "-q", "-m", "files"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return GitRepository(tmp_path).tree("HEAD")


def test_a_file_is_read_up_to_a_byte_more_than_it_may_have(tree):
    assert {name: len(tree.read(name)) for name in FILES} == FILES


def test_the_next_file_is_whole(tree):
    tree.read("a.yaml")
    assert tree.read("small.yaml") == b"a: 1\n"
