"""Encryption of data between machines, by real age identities."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pyrage
import pytest

from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.pipeline.sealing import is_sealed, recipients_of, seal, unseal

if TYPE_CHECKING:
    from pathlib import Path

MINE, OTHER = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
ROWS = b"name,age\nAda,36\n" * 10_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "rows").write_bytes(ROWS)
    (folder / "m.receipt.json").write_text("{}")
    return folder


def key(tmp_path: Path, *lines: object) -> str:
    path = tmp_path / "identity"
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def test_what_was_encrypted_comes_back(data: Path, tmp_path: Path) -> None:
    sealed, back = tmp_path / "sealed", tmp_path / "back"
    seal(data, sealed, [str(OTHER.to_public()), str(MINE.to_public())])
    assert sorted(path.name for path in sealed.iterdir()) == ["m.receipt.json.age", "rows.age"]
    assert b"Ada" not in (sealed / "rows.age").read_bytes()
    assert is_sealed(sealed)
    assert not is_sealed(data)
    for identity in (MINE, OTHER):
        unseal(sealed, back, key(tmp_path, "# created: today", "", f"  {identity}  "))
        assert {path.name: path.read_bytes() for path in back.iterdir()} == {
            path.name: path.read_bytes() for path in data.iterdir()
        }
        assert stat.S_IMODE(back.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in back.iterdir()} == {0o600}
        for path in back.iterdir():
            path.unlink()
        back.rmdir()


def test_another_identity_reads_nothing(data: Path, tmp_path: Path) -> None:
    seal(data, tmp_path / "sealed", [str(MINE.to_public())])
    with pytest.raises(RefusedError, match="cannot be decrypted here"):
        unseal(tmp_path / "sealed", tmp_path / "back", key(tmp_path, OTHER))
    assert b"Ada" not in b"".join(path.read_bytes() for path in (tmp_path / "back").iterdir())


@pytest.mark.parametrize("at", [0, 60, 5_000, -1])
def test_a_changed_byte_is_refused(data: Path, tmp_path: Path, at: int) -> None:
    seal(data, tmp_path / "sealed", [str(MINE.to_public())])
    path = tmp_path / "sealed/rows.age"
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=r"rows\.age cannot be decrypted here"):
        unseal(tmp_path / "sealed", tmp_path / "back", key(tmp_path, MINE))
    assert not (tmp_path / "back/rows").exists()


@pytest.mark.parametrize("length", [0, 100, 70_000])
def test_what_was_cut_off_is_refused(data: Path, tmp_path: Path, length: int) -> None:
    seal(data, tmp_path / "sealed", [str(MINE.to_public())])
    path = tmp_path / "sealed/rows.age"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(RefusedError):
        unseal(tmp_path / "sealed", tmp_path / "back", key(tmp_path, MINE))


def test_nobody_may_read_them(data: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no machine is named") as caught:
        seal(data, tmp_path / "sealed", [])
    assert "organization.data.recipients" in str(caught.value.hint)
    assert not (tmp_path / "sealed").exists()


# The identity is another one each time, and workers compare the names of tests.
@pytest.mark.parametrize(
    "text", ["age1", "", "ssh-ed25519 AAAA", pytest.param(str(MINE), id="an identity")]
)
def test_what_is_no_recipient(data: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        seal(data, tmp_path / "sealed", [str(MINE.to_public()), text])
    # Somebody may have written the identity there.
    assert str(MINE) not in f"{caught.value} {caught.value.hint}"
    assert not (tmp_path / "sealed").exists()


@pytest.mark.parametrize("text", ["AGE-SECRET-KEY-1", "nonsense", "\udcff"])
def test_an_identity_that_cannot_be_read(data: Path, tmp_path: Path, text: str) -> None:
    seal(data, tmp_path / "sealed", [str(MINE.to_public())])
    path = tmp_path / "identity"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ToolError, match="MERGELINE_DATA_IDENTITY cannot be read") as caught:
        unseal(tmp_path / "sealed", tmp_path / "back", str(path))
    assert text not in str(caught.value)


@pytest.mark.parametrize("identity", [None, "gone"])
def test_a_machine_without_an_identity(data: Path, tmp_path: Path, identity: str | None) -> None:
    seal(data, tmp_path / "sealed", [str(MINE.to_public())])
    with pytest.raises(ToolError, match=r"MERGELINE_DATA_IDENTITY|no identity"):
        unseal(tmp_path / "sealed", tmp_path / "back", identity and str(tmp_path / identity))
    assert not (tmp_path / "back").exists()


def test_an_empty_file_of_identities_reads_nothing(data: Path, tmp_path: Path) -> None:
    seal(data, tmp_path / "sealed", [str(MINE.to_public())])
    with pytest.raises((RefusedError, ToolError)):
        unseal(tmp_path / "sealed", tmp_path / "back", key(tmp_path, "# nothing"))


@pytest.mark.parametrize(
    "policies", [{}, {"organization": None}, {"organization": {"data": {"recipients": None}}}]
)
def test_policies_that_name_nobody(policies: dict) -> None:
    assert recipients_of(policies) == ()


@pytest.mark.parametrize("recipients", ["age1x", [1], {"a": "b"}, 7, True, [None]])
def test_recipients_that_are_no_list_of_texts(recipients: object) -> None:
    policies = {"organization": {"data": {"recipients": recipients}}}
    with pytest.raises(UsageError, match="is a list of age recipients"):
        recipients_of(policies)
