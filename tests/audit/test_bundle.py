"""A bundle proves itself without Git, and shows whatever was changed in it."""

from __future__ import annotations

import json
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mergeline.audit.answer import Question, answer
from mergeline.audit.export import export
from mergeline.audit.moment import parse_moment
from mergeline.audit.package import packed, unpacked
from mergeline.audit.verify import verify
from mergeline.digest import canonical_json
from mergeline.errors import ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from audit.past import Past


@pytest.fixture
def bundle(story: Past, tmp_path: Path) -> Path:
    """What stood on the 13th."""
    return exported(story, tmp_path, Question(at=parse_moment("2024-09-13T00:00Z")))


def exported(past: Past, folder: Path, question: Question, name: str = "bundle.zip") -> Path:
    found = answer(past.git, "main", question, None, "not asked")
    export(past.git, found, question, folder / name)
    return folder / name


def forged(bundle: Path, change: Callable[[dict], None]) -> list[str]:
    """Change answer.json, put everything together as the engine does, and verify that."""
    files = unpacked(bundle.read_bytes())
    document = json.loads(files["answer.json"])
    change(document)
    bundle.write_bytes(packed(files | {"answer.json": canonical_json(document)}))
    return verify(bundle).problems


def test_a_bundle_is_whole_and_its_rows_are_those_of_the_answer(story: Past, tmp_path: Path):
    for question in (Question(), Question(at=parse_moment("2024-09-13T00:00Z"))):
        verified = verify(exported(story, tmp_path, question))
        assert verified.problems == []
        assert verified.head == story.head
        assert verified.rows == (1 if question.at else 3)


def test_equal_answers_give_equal_bytes(story: Past, tmp_path: Path):
    first = exported(story, tmp_path, Question(), "one.zip").read_bytes()
    assert exported(story, tmp_path, Question(), "two.zip").read_bytes() == first


def test_others_tools_verify_it_too(bundle: Path, tmp_path: Path):
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "out")
        names = [name.removeprefix("git/") for name in archive.namelist() if "git/" in name]
    subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "out", check=True
    )
    sums = subprocess.run(
        ["sha1sum", *names], cwd=tmp_path / "out/git", check=True, capture_output=True, text=True
    )
    assert all(len(set(line.split())) == 1 for line in sums.stdout.splitlines())


@settings(
    max_examples=settings().max_examples * 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_changed_byte_is_refused(bundle: Path, tmp_path: Path, data: st.DataObject):
    content = bytearray(bundle.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    (tmp_path / "changed.zip").write_bytes(content)
    assert verify(tmp_path / "changed.zip").problems


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_cut_or_lengthened_bundle_is_refused(bundle: Path, left: int):
    content = bundle.read_bytes()
    bundle.write_bytes(content[:left])
    assert verify(bundle).problems
    bundle.write_bytes(content + b"\0")
    assert verify(bundle).problems


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "9.9.9"),
        ("digest", "sha256:" + "f" * 64),
        ("author", "Nobody <n@example.org>"),
        ("merged_by", None),
        ("pull_request", 77),
        ("at", "2024-09-11T12:00:00Z"),
        ("policies", "sha256:" + "f" * 64),
        ("datasets", {"customers": "sha256:" + "f" * 64}),
        ("run_id", "another"),
        ("training_commit", "f" * 40),
        ("commit", "f" * 40),
        ("model", "other"),
        ("environment", "staging"),
    ],
)
def test_a_forged_row_is_found_although_every_sum_fits(bundle: Path, field: str, value: object):
    assert forged(bundle, lambda document: document["rows"][0].update({field: value}))


def test_another_moment_commit_or_head_is_found(bundle: Path):
    content = bundle.read_bytes()
    for change in (
        lambda document: document["question"].update(at="2024-09-15T00:00:00+00:00"),
        lambda document: document.update(standing_at=document["head"]),
        lambda document: document.update(standing_at=None),
        lambda document: document.update(head="f" * 40),
        lambda document: document.pop("rows"),
    ):
        bundle.write_bytes(content)
        assert forged(bundle, change)


def test_an_object_that_is_missing_or_exchanged_is_found(bundle: Path):
    files = unpacked(bundle.read_bytes())
    for name in [name for name in files if name.startswith("git/")]:
        rest = {key: value for key, value in files.items() if key != name}
        bundle.write_bytes(packed(rest | {name: b"blob 1\0x"}))
        assert verify(bundle).problems


def test_what_is_no_bundle_or_cannot_be_written(story: Past, tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        verify(tmp_path / "nowhere.zip")
    with pytest.raises(ToolError, match="cannot be written"):
        exported(story, tmp_path / "no" / "folder", Question())
    (tmp_path / "text.zip").write_text("no zip")
    assert verify(tmp_path / "text.zip").as_json()["whole"] is False
