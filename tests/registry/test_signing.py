"""Signatures over packages and statements: who made them, and of what."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sigstore_models.bundle.v1 import Bundle

from mergeline.errors import UsageError
from mergeline.registry.signing import (
    KeySigning,
    UnsignedError,
    new_key,
    signed_statement,
    verify_package,
)
from mergeline.registry.signing.with_key import public_key_of, same_key
from mergeline.registry.trust import Signer, Trust, trust_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "p", "subject": []}
KEY = new_key()
SIGNER = Signer("ops", public_key=KEY.public)
SIGNING = KeySigning(SIGNER, KEY.private)
TRUST = Trust((SIGNER,))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.skops").write_bytes(b"weights")
    (folder / "features.py").write_text("pass\n")
    return folder


def test_a_package_and_a_statement_that_were_signed_hold(package: Path) -> None:
    bundle = SIGNING.sign_package(package)
    verify_package(bundle, package, SIGNER, TRUST)
    assert signed_statement(SIGNING.sign_statement(STATEMENT), SIGNER, TRUST) == STATEMENT


def change(folder: Path) -> None:
    (folder / "model.skops").write_bytes(b"Weights")


def take(folder: Path) -> None:
    (folder / "features.py").unlink()


def add(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("pass\n")


def hide(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git/hook").write_text("pass\n")


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (change, r"model\.skops was changed"),
        (take, r"features\.py is missing"),
        (add, r"sitecustomize\.py was added"),
        (hide, r"\.git/hook was added"),
    ],
)
def test_another_package_is_refused(
    package: Path, attack: Callable[[Path], None], said: str
) -> None:
    bundle = SIGNING.sign_package(package)
    attack(package)
    with pytest.raises(UnsignedError, match=said):
        verify_package(bundle, package, SIGNER, TRUST)


@pytest.mark.slow
def test_the_bundles_may_lie_beside_what_they_sign(package: Path) -> None:
    """And model_signing's own command takes them there, whoever downloads the folder."""
    bundle = package / "model.sigstore.json"
    bundle.write_bytes(SIGNING.sign_package(package))
    (package / "provenance.sigstore.json").write_text("{}")
    (package / "registered_model_meta").write_text("model_name: m\n")
    verify_package(bundle.read_bytes(), package, SIGNER, TRUST)
    key = package.parent / "key.pub"
    key.write_text(KEY.public)
    command = [sys.executable, "-m", "model_signing", "verify", "key", str(package)]
    command += ["--signature", str(bundle), "--public_key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "Verification succeeded")
    change(package)
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_another_key_is_refused(package: Path) -> None:
    other = Signer("ops", public_key=new_key().public)
    with pytest.raises(UnsignedError, match="another key signed it"):
        verify_package(SIGNING.sign_package(package), package, other, TRUST)
    with pytest.raises(UnsignedError, match="another key signed it"):
        signed_statement(SIGNING.sign_statement(STATEMENT), other, TRUST)


def test_a_key_that_is_only_named_is_refused(package: Path) -> None:
    """The name of the trusted key in the bundle of another one."""
    mine = json.loads(SIGNING.sign_statement(STATEMENT))
    stranger = KeySigning(SIGNER, new_key().private)
    theirs = json.loads(stranger.sign_statement(STATEMENT | {"subject": ["forged"]}))
    theirs["verificationMaterial"] = mine["verificationMaterial"]
    with pytest.raises(UnsignedError, match="does not fit what it signs"):
        signed_statement(json.dumps(theirs).encode(), SIGNER, TRUST)


@pytest.mark.parametrize("part", ["payload", "payloadType"])
def test_a_bundle_that_was_changed_is_refused(part: str) -> None:
    bundle = json.loads(SIGNING.sign_statement(STATEMENT))
    other = json.loads(SIGNING.sign_statement(STATEMENT | {"subject": ["other"]}))
    changed = {"payload": other["dsseEnvelope"]["payload"], "payloadType": "text/plain"}
    bundle["dsseEnvelope"][part] = changed[part]
    with pytest.raises(UnsignedError):
        signed_statement(json.dumps(bundle).encode(), SIGNER, TRUST)


@pytest.mark.parametrize(
    "bundle", [b"", b"\xff", b"[]", b"{}", b'{"dsseEnvelope": {"payload": 1}}', b"null"]
)
def test_what_is_no_bundle_is_refused(bundle: bytes, package: Path) -> None:
    keyless = Signer("ci", identity="https://forge/x", issuer="https://issuer")
    for signer in (SIGNER, keyless):
        with pytest.raises(UnsignedError, match="it is no bundle"):
            verify_package(bundle, package, signer, TRUST)


def test_a_statement_is_no_signature_of_a_package(package: Path) -> None:
    with pytest.raises(UnsignedError, match="something else than a packaged model"):
        verify_package(SIGNING.sign_statement(STATEMENT), package, SIGNER, TRUST)


def test_others_can_read_the_bundle_of_a_statement() -> None:
    read = Bundle.from_json(SIGNING.sign_statement(STATEMENT))
    assert json.loads(read.dsse_envelope.payload) == STATEMENT


def test_a_key_with_a_password_takes_it(package: Path) -> None:
    key = new_key("correct horse")
    signer = Signer("ops", public_key=key.public)
    signing = KeySigning(signer, key.private, "correct horse")
    verify_package(signing.sign_package(package), package, signer, TRUST)
    assert signed_statement(signing.sign_statement(STATEMENT), signer, TRUST) == STATEMENT
    for wrong in ("battery staple", None):
        with pytest.raises(UsageError, match="the signing key cannot be read"):
            public_key_of(key.private, wrong)
    assert "PRIVATE" not in repr(signing) + repr(key)
    assert "horse" not in repr(signing)


def test_a_key_is_known_by_what_it_is_not_by_how_it_is_written() -> None:
    assert same_key(KEY.public, f"\n{KEY.public}\n")
    assert not same_key(KEY.public, new_key().public)
    assert not same_key(KEY.public, "nonsense")


def test_signers_are_read_from_the_policies() -> None:
    signing = {
        "required": {"production": ["high"]},
        "signers": [
            {"name": "ops", "public_key": KEY.public},
            {"name": "ci", "identity": "i", "issuer": "https://issuer"},
        ],
    }
    trust = trust_of({"organization": {"signing": signing}})
    assert [(one.name, one.method) for one in trust.signers] == [("ops", "key"), ("ci", "keyless")]
    assert trust.of("ops", "key") == (SIGNER,)
    assert trust.of("ops", "keyless") == ()
    assert trust.asks("high")
    assert not trust.asks("low")
    # Where nobody may sign, nobody is asked to.
    assert not Trust(required={"production": ("high",)}).asks("high")


@pytest.mark.parametrize("data", [{}, {"organization": None}, {"organization": {"signing": None}}])
def test_policies_may_trust_nobody(data: dict) -> None:
    assert trust_of(data) == Trust()


@pytest.mark.parametrize(
    "signing",
    [
        {"signers": [{"name": "ops"}]},
        {"signers": ["ops"]},
        {"signers": [{"name": "ops", "public_key": 1}]},
        {"signers": [{"name": "ops", "public_key": "k", "identity": "i"}]},
        {"signers": 1},
        {"required": ["production"]},
        {"sigstore": "x"},
    ],
)
def test_trust_that_cannot_be_read_is_an_error(signing: object) -> None:
    with pytest.raises(UsageError, match=r"organization\.signing"):
        trust_of({"organization": {"signing": signing}})
