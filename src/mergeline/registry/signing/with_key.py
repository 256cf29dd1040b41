"""Signing with a key of one's own: an elliptic curve, in PEM."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mergeline.digest import canonical_json
from mergeline.errors import UsageError
from mergeline.registry.signing.signature import IN_TOTO, UnsignedError, as_file, hashing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from model_signing.verifying import Config as Verifying

    from mergeline.registry.trust import Signer, Trust

_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_HINT = "an elliptic-curve key in PEM, as mergeline key new writes it"


@dataclass(frozen=True, slots=True)
class KeySigning:
    """Signs with a private key.

    Attributes:
        signer: whose key it is.
        key: its PEM.
        password: of the PEM; None: it has none.
    """

    signer: Signer
    key: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Whose signature it will be."""
        return (self.signer,)

    def sign_package(self, folder: Path) -> bytes:
        """Return the bundle that signs a packaged model."""
        from model_signing.signing import Config

        # The library hands the password on to one that takes bytes only.
        password: Any = self.password.encode() if self.password else None
        with as_file(self.key) as key, as_file(b"") as target:
            config = Config().use_elliptic_key_signer(private_key=key, password=password)
            config.set_hashing_config(hashing()).sign(folder, target)
            return target.read_bytes()

    def sign_statement(self, statement: Mapping[str, Any]) -> bytes:
        """Return the bundle that signs an in-toto statement."""
        from securesystemslib.signer import CryptoSigner

        key = _private(self.key, self.password)
        signer = CryptoSigner(key)
        return statement_bundle(
            statement,
            key.public_key(),
            lambda signed: bytes.fromhex(signer.sign(signed).signature),
        )


def statement_bundle(
    statement: Mapping[str, Any],
    public: EllipticCurvePublicKey,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Return the bundle that signs an in-toto statement with a key, wherever it is kept.

    Args:
        statement: what is signed.
        public: the public part of the key.
        sign: returns the signature over some bytes, in DER.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import Signature, SSlibKey

    envelope = Envelope(canonical_json(dict(statement)), IN_TOTO, {})
    keyid = SSlibKey.from_crypto(public).keyid
    envelope.signatures[keyid] = Signature(keyid, sign(envelope.pae()).hex())
    bundle = {
        "mediaType": _BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": _hint(public)}, "tlogEntries": []},
        "dsseEnvelope": envelope.to_dict(),
    }
    return json.dumps(bundle).encode()


def public_key_of(key: bytes, password: str | None) -> str:
    """Return the PEM of the public key of a private one.

    Raises:
        UsageError: it is no such key, or the password does not open it.
    """
    return pem_of(_private(key, password).public_key()).decode()


def same_key(one: str, other: str) -> bool:
    """Are two PEMs of one public key?"""
    try:
        return _hint(_public(one)) == _hint(_public(other))
    except UsageError:
        return False


@dataclass(frozen=True, slots=True)
class NewKey:
    """A pair of keys, each as PEM."""

    private: bytes = field(repr=False)
    public: str


def new_key(password: str | None = None) -> NewKey:
    """Make a key on the curve P-256.

    Args:
        password: encrypts the private key; None: it stays in the clear.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password.encode())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    return NewKey(private, pem_of(key.public_key()).decode())


def payload_by_key(bundle: bytes, signer: Signer, _: Trust) -> tuple[str, bytes]:
    """Return the type and the bytes that a bundle signs with a signer's key.

    Raises:
        UnsignedError: another key signed them, or they were changed.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey

    public = _public(str(signer.public_key))
    try:
        document = json.loads(bundle)
        envelope = Envelope.from_dict(document["dsseEnvelope"])
        made_by = document["verificationMaterial"]["publicKey"]["hint"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnsignedError(f"it is no bundle that a key signed ({error})") from None
    if made_by != _hint(public):
        raise UnsignedError(f"another key signed it: {made_by[:12]}…, not {_hint(public)[:12]}…")
    for keyid in envelope.signatures:
        # Identifiers are no part of what is signed; the library asks that they be equal.
        key = SSlibKey.from_crypto(public)
        key.keyid = keyid
        try:
            envelope.verify([key], threshold=1)
        except VerificationError:
            continue
        return envelope.payload_type, envelope.payload
    raise UnsignedError("the signature does not fit what it signs: one of them was changed")


@contextmanager
def key_verifier(signer: Signer, _: Trust) -> Iterator[Verifying]:
    """Give what verifies packages by a signer's key."""
    from model_signing.verifying import Config

    with as_file(str(signer.public_key).encode()) as key:
        yield Config().use_elliptic_key_verifier(public_key=key)


def _private(pem: bytes, password: str | None) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password.encode() if password else None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"the signing key cannot be read: {error}", hint=_HINT) from None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise UsageError("the signing key is on no elliptic curve", hint=_HINT)
    return key


def _public(pem: str) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise UsageError(f"a signer's public_key cannot be read: {error}", hint=_HINT) from None
    if not isinstance(key, EllipticCurvePublicKey):
        raise UsageError("a signer's public_key is on no elliptic curve", hint=_HINT)
    return key


def pem_of(key: EllipticCurvePublicKey) -> bytes:
    """Return a public key as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _hint(key: EllipticCurvePublicKey) -> str:
    """Return what a bundle names a key by: the digest of its PEM, in hexadecimal."""
    return hashlib.sha256(pem_of(key)).hexdigest()
