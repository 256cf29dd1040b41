from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mergeline.errors import RefusedError, ToolError
from mergeline.git import GitRepository

# The backslash of SHIFT-JIS is the second byte of this character: converted, the comment ends.
HIDING = "UNIT = '\u8868'  # ' + str(open('x', 'w')) #\n"
FILES = {
    "models/m/source.py": HIDING.encode() + b"# $Id$ $Format:%H$\r\n\rlast",
    "models/m/data.csv": b"a,b\r\n1,2\n",
    "models/m/empty": b"",
    "models/m/scripts/run": b"#!/bin/sh\n",
    "requirements/r\u00e9sum\u00e9.txt": b"\xff\x00\n",
}
ATTRIBUTES = [
    "*.py working-tree-encoding=SHIFT-JIS",
    "*.py working-tree-encoding=UTF-16LE",
    "* text eol=crlf",
    "* text=auto",
    "* ident",
    "* export-subst",
    "* filter=swap",
]
SETTINGS = {
    "core.autocrlf": "true",
    "core.eol": "crlf",
    "core.safecrlf": "false",
    "filter.swap.smudge": "tr a-z b-za",
    "filter.swap.clean": "cat",
    "filter.swap.required": "true",
}


def git(root: Path, *arguments: str, content: bytes = b"") -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(
        ["git", "-C", str(root), *who, *arguments], input=content, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def commit(root: Path, files: dict[str, tuple[str, bytes]]) -> str:
    """Make a commit of modes and bytes, which no attribute or setting has a say in."""
    for path, (mode, content) in files.items():
        name = git(root, "hash-object", "-w", "--no-filters", "--stdin", content=content)
        git(root, "update-index", "--add", "--cacheinfo", f"{mode},{name},{path}")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a commit")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(tmp_path, "init", "--quiet")
    return tmp_path


@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_a_checkout_holds_the_bytes_of_the_commit(root: Path, attributes: str):
    for key, value in SETTINGS.items():
        git(root, "config", key, value)
    (root / ".git/info/attributes").write_text(f"{attributes}\n")
    files = FILES | {".gitattributes": f"{attributes}\n".encode()}
    modes = {path: "100755" if path.endswith("/run") else "100644" for path in files}
    made = commit(root, {path: (modes[path], content) for path, content in files.items()})
    with GitRepository(root).checkout(made) as folder:
        found = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        assert found == files
        assert os.access(folder / "models/m/scripts/run", os.X_OK)
        assert not os.access(folder / "models/m/data.csv", os.X_OK)
    assert not folder.exists()


def test_a_checkout_ignores_what_stands_for_another_object(root: Path):
    made = commit(root, {"a.py": ("100644", b"reviewed\n")})
    blob = git(root, "rev-parse", f"{made}:a.py")
    other = git(root, "hash-object", "-w", "--stdin", content=b"planted\n")
    git(root, "replace", blob, other)
    repository = GitRepository(root)
    with repository.checkout(made) as folder:
        assert (folder / "a.py").read_bytes() == b"reviewed\n"
    assert repository.tree(made).read("a.py") == b"reviewed\n"


def test_a_line_is_found_in_a_file_that_is_called_binary(root: Path):
    (root / ".gitattributes").write_text("*.yaml binary\n")
    made = commit(root, {"a.yaml": ("100644", b"waives: [approvals-missing]\n")})
    assert GitRepository(root).changes_of("HEAD", "waives", "*.yaml") == [(made, "a.yaml")]


def test_links_and_submodules_of_a_checkout(root: Path):
    made = commit(root, {"a/file": ("100644", b"1"), "link": ("120000", b"a/file")})
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{made},sub")
    made = commit(root, {})
    repository = GitRepository(root)
    assert repository.tracked(made) == repository.tracked() == ["a/file", "link", "sub"]
    with repository.checkout(made) as folder:
        assert (folder / "link").readlink() == Path("a/file")
        assert list((folder / "sub").iterdir()) == []


@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".g\u200cit", "..", ".git "])
def test_a_name_that_git_refuses_is_not_checked_out(root: Path, name: str):
    commit(root, {"a": ("100644", b"1")})
    blob = git(root, "rev-parse", "HEAD:a").encode()
    inner = git(root, "mktree", content=b"100644 blob %s\tconfig\n" % blob)
    entry = f"040000 tree {inner}\t{name}\n".encode()
    tree = git(root, "mktree", content=entry)
    made = git(root, "commit-tree", tree, "-m", "planted")
    with pytest.raises(ToolError, match="invalid path"), GitRepository(root).checkout(made):
        pass


def test_two_spellings_of_one_name_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch):
    made = commit(root, {"a": ("120000", b"../outside"), "A": ("100644", b"x")})
    repository = GitRepository(root)
    # As a file system that does not tell them apart says it, whatever this one does.
    entries = [("a", "100644", git(root, "rev-parse", f"{made}:A"))] * 2
    monkeypatch.setattr(repository, "_entries", lambda *_: entries)
    with pytest.raises(RefusedError, match="two spellings"), repository.checkout(made):
        pass


def test_an_error_of_git_shows_no_token(root: Path):
    git(root, "remote", "add", "origin", "https://me:s3cret@127.0.0.1:1/acme/models.git")
    with pytest.raises(ToolError) as caught:
        GitRepository(root).fetch()
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


def test_a_setting_of_several_lines_is_one_setting(root: Path):
    git(root, "config", "a.b", "1\nmergeline.apiurl=https://evil.example")
    assert "mergeline.apiurl" not in GitRepository(root).config()
