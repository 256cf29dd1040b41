"""What of a lockfile may be another package next week."""

from __future__ import annotations

import pytest

from mergeline.specs.lockfile import MAX_LOCK_BYTES, floating

HASH = "--hash=sha256:" + "0123456789abcdef" * 4
PINNED = [
    f"numpy==2.3.1 {HASH}",
    f"numpy == 2.3.1 {HASH}",
    f"numpy==2.3.1 \\\n    {HASH} \\\n    {HASH}\n    # via pandas",
    f"numpy[extra,more]==2.3.1 ; python_version >= '3.11' {HASH}",
    f"numpy===2.3.1+local {HASH}",
    f"numpy @ https://example.org/numpy.whl {HASH}",
    f"--index-url https://example.org/simple\n--require-hashes\nnumpy==2.3.1 {HASH}",
    f"\ufeffnumpy==2.3.1 {HASH}",
    f"numpy==2.3.1 --hash=sha512:{'0' * 128}",
]
OPEN = [
    ("numpy", 1, "no one version"),
    (f"numpy>=2.3 {HASH}", 1, "no one version"),
    (f"numpy~=2.3.1 {HASH}", 1, "no one version"),
    (f"numpy==2.* {HASH}", 1, "no one version"),
    (f"numpy==2.3.1,!=2.3.2 {HASH}", 1, "no one version"),
    (f"# a comment\n\nnumpy==2.3.1 {HASH}\npandas<3", 4, "no one version"),
    ("numpy==2.3.1", 1, "no hash"),
    ("numpy==2.3.1 --hash=md5:0123456789abcdef0123456789abcdef", 1, "no hash"),
    ("numpy==2.3.1 --hash=sha256:0123", 1, "no hash"),
    (f"numpy==2.3.1 # {HASH}", 1, "no hash"),
    (f"numpy==2.3.1 \\\npandas==2.3.0 {HASH}", 1, "no one version"),
    (f"numpy==2.3.1\n    {HASH}", 1, "no hash"),
    ("git+https://example.org/numpy@main", 1, "no one version"),
    ("numpy @ git+https://example.org/numpy@main", 1, "no one version"),
    ("-e .", 1, "no one version"),
    ("./wheels/numpy.whl", 1, "no one version"),
    (f"-r other.txt\nnumpy==2.3.1 {HASH}", 1, "another file"),
    (f"--constraint=other.txt\nnumpy==2.3.1 {HASH}", 1, "another file"),
    (f"--pre\nnumpy==2.3.1 {HASH}", 1, "no one version"),
    ("", 0, "no package"),
    ("# nothing\n--index-url https://example.org/simple\n", 0, "no package"),
    ('version = 1\n[[package]]\nname = "numpy"', 1, "no one version"),
]


@pytest.mark.parametrize("text", PINNED)
def test_what_is_pinned_is_let_through(text: str):
    assert floating(text.encode()) == ()


@pytest.mark.parametrize(("text", "line", "why"), OPEN)
def test_what_floats_is_found_on_its_line(text: str, line: int, why: str):
    first = floating(text.encode())[0]
    assert (first.line, why in first.why) == (line, True), first


def test_what_is_no_text_is_no_lockfile():
    assert floating(b"\xff\xfe") == ((0, "it is not UTF-8"),)
    assert "10,000,000 bytes" in floating(b"#" * (MAX_LOCK_BYTES + 1))[0].why
