"""`mergeline key`: a key that only its owner can read, and never one that Git takes along."""

from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mergeline import cli
from mergeline.registry.signing import trusted_key
from mergeline.registry.trust import trust_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MERGELINE_SIGNING_KEY", "MERGELINE_SIGNING_KEY_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "clone"
    (root / "models").mkdir(parents=True)
    (root / ".gitignore").write_text("secrets/\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def trust(said: str):
    """What the policies are, once a person has written what was printed into them."""
    text = f"organization:\n  signing:\n    signers:\n{said}"
    return trust_of(yaml.safe_load(text))


def test_a_new_key_is_its_owners_alone_and_trusted_as_it_is_printed(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "release.pem"
    assert cli.main(["-C", str(clone), "key", "new", str(path), "--name", "ops"]) == 0
    said = capsys.readouterr()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in said.out + said.err
    assert trusted_key(str(path), None, trust(said.out)).name == "ops"
    assert f"export MERGELINE_SIGNING_KEY={path}" in said.err
    # The same, of the key that the environment names: as a path, or as the key itself.
    for given in (str(path), path.read_text()):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MERGELINE_SIGNING_KEY", given)
            assert cli.main(["-C", str(clone), "key", "show", "--name", "ops"]) == 0
        assert capsys.readouterr().out == said.out


def test_a_password_locks_it(
    clone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MERGELINE_SIGNING_KEY_PASSWORD", "correct horse")
    path = tmp_path / "release.pem"
    assert cli.main(["-C", str(clone), "key", "new", str(path)]) == 0
    assert "without a password" not in capsys.readouterr().err
    assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert cli.main(["-C", str(clone), "key", "show", str(path)]) == 0
    monkeypatch.delenv("MERGELINE_SIGNING_KEY_PASSWORD")
    assert cli.main(["-C", str(clone), "key", "show", str(path)]) == 2
    assert "the signing key cannot be read" in capsys.readouterr().err


def test_no_key_is_put_where_git_takes_it(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = clone / "release.pem"
    assert cli.main(["-C", str(clone), "key", "new", str(path)]) == 2
    assert "lies in a Git repository, which does not ignore it" in capsys.readouterr().err
    assert not path.exists()
    (clone / "secrets").mkdir()
    assert cli.main(["-C", str(clone), "key", "new", str(clone / "secrets/release.pem")]) == 0
    (tmp_path / "linked").symlink_to(clone)
    assert cli.main(["-C", str(clone), "key", "new", str(tmp_path / "linked/release.pem")]) == 2
    assert cli.main(["-C", str(clone), "key", "new", str(clone / "../release.pem")]) == 0
    assert (tmp_path / "release.pem").is_file()


def test_no_key_is_written_over(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "release.pem"
    path.write_text("the old one")
    assert cli.main(["-C", str(clone), "key", "new", str(path)]) == 2
    assert path.read_text() == "the old one"
    assert "File exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new",), "takes a file"),
        (("new", "pkcs11:object=key"), "makes no keys in tokens"),
        (("show",), "there is no key to show"),
        (("show", "nowhere.pem"), "No such file"),
    ],
)
def test_what_cannot_be_done_says_why(
    clone: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-C", str(clone), "key", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_key_of_another_kind_is_none(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ed25519.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    assert cli.main(["-C", str(clone), "key", "show", str(path)]) == 2
    assert "is on no elliptic curve" in capsys.readouterr().err
