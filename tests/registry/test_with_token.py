"""Signing with a key in a token: SoftHSM stands for an HSM, by the same PKCS#11."""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from mergeline import cli
from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.registry.signing import (
    TokenSigning,
    UnsignedError,
    choose_signing,
    new_key,
    own_public_key,
    signed_statement,
    verify_package,
)
from mergeline.registry.trust import Signer, Trust, trust_of
from mergeline.settings import resolve
from registry.tokens import PIN, Token, make_token

if TYPE_CHECKING:
    from collections.abc import Iterator

STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "p", "subject": []}


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", "")
        yield make_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def unloaded() -> Iterator[None]:
    """The library is unloaded with its last reference, which errors of the test may be."""
    yield
    gc.collect()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.skops").write_bytes(b"weights")
    return folder


def chosen(uri: str, pin: str | None = PIN) -> tuple[TokenSigning, Signer, Trust]:
    """What `apply` would sign with, once the policies trust the key."""
    signer = Signer("hsm", public_key=own_public_key(uri, pin))
    trust = Trust((signer,))
    environ = {"MERGELINE_SIGNING_KEY": uri, "MERGELINE_SIGNING_KEY_PASSWORD": pin or ""}
    signing = choose_signing(resolve(Path("/nowhere"), environ), trust)
    assert isinstance(signing, TokenSigning)
    return signing, signer, trust


@pytest.mark.parametrize("name", ["p256", "p384", "p521"])
def test_what_a_token_signed_holds_as_with_a_key_in_a_file(
    token: Token, package: Path, name: str
) -> None:
    signing, signer, trust = chosen(token.uri(name))
    bundle = signing.sign_package(package)
    verify_package(bundle, package, signer, trust)
    statement = signing.sign_statement(STATEMENT)
    assert signed_statement(statement, signer, trust) == STATEMENT
    other = Signer("hsm", public_key=new_key().public)
    with pytest.raises(UnsignedError, match="another key signed it"):
        signed_statement(statement, other, Trust((other,)))
    (package / "model.skops").write_bytes(b"Weights")
    with pytest.raises(UnsignedError, match=r"model\.skops was changed"):
        verify_package(bundle, package, signer, trust)


def test_a_statement_that_was_changed_is_refused(token: Token) -> None:
    signing, signer, trust = chosen(token.uri("p256"))
    bundle = json.loads(signing.sign_statement(STATEMENT))
    other = json.loads(signing.sign_statement(STATEMENT | {"subject": ["other"]}))
    bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
    with pytest.raises(UnsignedError, match="does not fit what it signs"):
        signed_statement(json.dumps(bundle).encode(), signer, trust)


def test_a_key_is_named_by_its_id_as_well(token: Token) -> None:
    by_id = f"pkcs11:token=releases;id=%02?module-path={token.module}"
    assert own_public_key(by_id, PIN) == own_public_key(token.uri("p384"), PIN)


def test_the_pin_may_be_in_a_file(token: Token, tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text(f"{PIN}\n")
    for source in (file, f"file:{file}"):
        chosen(f"{token.uri('p256')}&pin-source={source}", None)[0].sign_statement(STATEMENT)
    # What is set goes before it.
    uri = f"{token.uri('p256')}&pin-source={tmp_path / 'nowhere'}"
    with pytest.raises(ToolError, match=r"the PIN cannot be read from .*: No such file"):
        own_public_key(uri, None)
    with pytest.raises(UsageError, match="not the absolute path of a file"):
        own_public_key(f"{token.uri('p256')}&pin-source=https://pins/1", None)


def test_a_key_in_a_token_that_nobody_trusts_is_refused(token: Token) -> None:
    environ = {
        "MERGELINE_SIGNING_KEY": token.uri("p256"),
        "MERGELINE_SIGNING_KEY_PASSWORD": PIN,
    }
    trust = Trust((Signer("other", public_key=new_key().public),))
    with pytest.raises(RefusedError, match=r"none of organization\.signing\.signers"):
        choose_signing(resolve(Path("/nowhere"), environ), trust)


@pytest.mark.parametrize(
    ("uri", "pin", "message", "hint"),
    [
        ("{p256}", "wrong", "the PIN is wrong", "MERGELINE_SIGNING_KEY_PASSWORD"),
        ("{p256}", None, "the token has no such private key", "hides the private one"),
        ("{none}", PIN, "the token has no such private key", "object="),
        ("{elsewhere}", PIN, "there is no such token", "token= its label"),
        ("{rsa}", PIN, "the key is of another kind", "elliptic-curve"),
        ("{k1}", PIN, "those that sign releases (secp256k1)", "P-256"),
        (
            "pkcs11:token=releases;object=p256?module-path=/nowhere.so",
            PIN,
            "there is no PKCS#11 module /nowhere.so",
            "module-path",
        ),
        (
            "pkcs11:token=releases;object=p256?module-path=/etc/passwd",
            PIN,
            "the PKCS#11 module cannot be loaded",
            "module-path",
        ),
        (
            "pkcs11:token=releases;object=p256?module-name=mergeline-none",
            PIN,
            "there is no PKCS#11 module mergeline-none",
            "module-path",
        ),
    ],
)
def test_a_key_that_cannot_be_had_says_why(
    token: Token, uri: str, pin: str | None, message: str, hint: str
) -> None:
    uris = {name: token.uri(name) for name in ("p256", "none", "rsa", "k1")}
    uri = uri.format(**uris, elsewhere=token.uri("p256", "elsewhere"))
    with pytest.raises(ToolError) as raised:
        own_public_key(uri, pin)
    assert message in raised.value.message
    assert hint in str(raised.value.hint)
    assert PIN not in raised.value.message


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("pkcs11:token", "malformed path attribute"),
        ("pkcs11:token=releases?module-path=/m.so", "Neither 'id' nor 'object'"),
        ("pkcs11:object=key", "does not name a module"),
        ("pkcs11:object=key?module-path=/m.so&pin-value=1234", "holds a PIN"),
        ("pkcs11:object=key?module-path=m.so&pin-value=1234", "cannot be read"),
        ("pkcs11:object=key?module-path=/modèles/m.so", "characters other than ASCII"),
        ("pkcs11:token=mod%C3%A8les;object=key?module-path=/m.so", "characters other than ASCII"),
    ],
)
def test_a_uri_that_cannot_be_used(uri: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        own_public_key(uri, None)
    assert "1234" not in raised.value.message


def test_a_pin_that_the_library_would_garble_is_not_tried(token: Token) -> None:
    with pytest.raises(UsageError, match="characters other than ASCII"):
        own_public_key(token.uri("p256"), "schlüssel")


@pytest.mark.usefixtures("unloaded")
def test_a_token_that_is_gone_when_it_should_sign(
    token: Token, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing, *_ = chosen(token.uri("p256"))
    (tmp_path / "none").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path / 'none'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    gc.collect()
    with pytest.raises(ToolError, match="the token cannot sign: Could not find a token"):
        signing.sign_package(package)
    with pytest.raises(ToolError, match="there is no such token"):
        signing.sign_statement(STATEMENT)


def test_without_the_library_its_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    code = (
        "import sys; sys.modules['PyKCS11'] = None; from mergeline import cli; "
        "sys.exit(cli.main(['key', 'show', 'pkcs11:object=key?module-path=/m.so']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "a key in a PKCS#11 token needs PyKCS11, which is not installed" in done.stderr
    assert 'pip install "mergeline[pkcs11]"' in done.stderr


def test_the_pin_is_nowhere(token: Token, package: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in what is signed, nor in what is printed or logged."""
    caplog.set_level(logging.DEBUG)
    signing, *_ = chosen(token.uri("p256"))
    bundles = signing.sign_package(package) + signing.sign_statement(STATEMENT)
    assert PIN.encode() not in bundles
    assert PIN not in repr(signing) + caplog.text


def test_key_show_prints_what_the_policies_say(
    token: Token,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("MERGELINE_SIGNING_KEY_PASSWORD", PIN)
    monkeypatch.setenv("MERGELINE_SIGNING_KEY", token.uri("p384"))
    assert cli.main(["-C", str(tmp_path), "key", "show"]) == 0
    written = capsys.readouterr().out
    trust = trust_of(yaml.safe_load(f"organization:\n  signing:\n    signers:\n{written}"))
    assert trust.signers[0].public_key == own_public_key(token.uri("p384"), PIN)
    assert cli.main(["-C", str(tmp_path), "key", "show", token.uri("p384")]) == 0
    assert capsys.readouterr().out == written
    monkeypatch.setenv("MERGELINE_SIGNING_KEY_PASSWORD", "wrong")
    assert cli.main(["-C", str(tmp_path), "key", "show"]) == 3
    said = capsys.readouterr()
    assert "error: pkcs11:token=releases;object=p384: the PIN is wrong\n" in said.err
