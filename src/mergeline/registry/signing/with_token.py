"""Signing with a key that never leaves its token: an HSM, a smart card, a KMS, by PKCS#11.

The key is named by a URI of RFC 7512, <https://www.rfc-editor.org/rfc/rfc7512>. What is signed, and
how it is verified, is the same as with a key in a file.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from mergeline.errors import ToolError, UsageError
from mergeline.libraries import missing_library
from mergeline.registry.signing.signature import as_file, hashing
from mergeline.registry.signing.with_key import pem_of, statement_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from model_signing._signing.pkcs11uri import Pkcs11URI

    from mergeline.registry.trust import Signer

_PREFIX = "pkcs11:"
_PIN = "MERGELINE_SIGNING_KEY_PASSWORD"
_URI = "write pkcs11:token=LABEL;object=KEY?module-path=/path/to/module.so"
# What Sigstore's bundles know, and with it the verification.
_CURVES = ("secp256r1", "secp384r1", "secp521r1")


@dataclass(frozen=True, slots=True)
class TokenSigning:
    """Signs with a private key in a token.

    Attributes:
        signer: whose key it is.
        uri: names module, token and key.
        pin: of the token; None: the URI names a file that holds it, or the token asks for none.
    """

    signer: Signer
    uri: str
    pin: str | None = field(default=None, repr=False)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Whose signature it will be."""
        return (self.signer,)

    def sign_package(self, folder: Path) -> bytes:
        """Return the bundle that signs a packaged model."""
        uri = _uri_with_pin(self.uri, self.pin)
        from model_signing.signing import Config

        with _token_errors(self.uri), as_file(b"") as target:
            config = Config().use_pkcs11_signer(pkcs11_uri=uri)
            config.set_hashing_config(hashing()).sign(folder, target)
            return target.read_bytes()

    def sign_statement(self, statement: Mapping[str, Any]) -> bytes:
        """Return the bundle that signs an in-toto statement."""
        with _token_errors(self.uri), _open(self.uri, self.pin) as token:
            return statement_bundle(statement, token.public_key(), token.sign)


def is_token(key: str) -> bool:
    """Tell whether a signing key is a PKCS#11 URI, and not a file or a PEM."""
    return key.lstrip().startswith(_PREFIX)


def public_key_in_token(uri: str, pin: str | None) -> str:
    """Return the PEM of the public key that a PKCS#11 URI names.

    Raises:
        UsageError: the URI cannot be read.
        ToolError: module, token or key is missing, the PIN is wrong, or the key is of another kind.
    """
    with _token_errors(uri), _open(uri, pin) as token:
        # That the private key is there as well, and the PIN is right, is better known now.
        token.private_key()
        return pem_of(token.public_key()).decode()


@dataclass(frozen=True, slots=True)
class _Token:
    """A session with a token, and the name of the key in it."""

    session: Any
    key_id: bytes | None
    label: str | None

    def public_key(self) -> EllipticCurvePublicKey:
        import PyKCS11
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
        from cryptography.hazmat.primitives.serialization import load_der_public_key
        from model_signing._signing.sign_pkcs11 import encode_ec_public_key

        found = self._find(PyKCS11.CKO_PUBLIC_KEY, "public")
        [kind] = self.session.getAttributeValue(found, [PyKCS11.CKA_KEY_TYPE])
        if kind != PyKCS11.CKK_EC:
            raise _other_kind(PyKCS11.CKK.get(kind, str(kind)))
        key = load_der_public_key(encode_ec_public_key(found))
        if not isinstance(key, EllipticCurvePublicKey) or key.curve.name not in _CURVES:
            raise _other_kind(getattr(getattr(key, "curve", key), "name", "another curve"))
        return key

    def private_key(self) -> Any:
        import PyKCS11

        return self._find(PyKCS11.CKO_PRIVATE_KEY, "private")

    def sign(self, content: bytes) -> bytes:
        """Return a signature in DER; tokens take a digest, and give r and s."""
        import PyKCS11
        from asn1crypto.algos import DSASignature

        # The curve settles the hash, as for a key in a file: SHA-256, SHA-384 or SHA-512.
        size = min(self.public_key().curve.key_size, 512)
        digest = hashlib.new(f"sha{size}", content).digest()
        mechanism = PyKCS11.Mechanism(PyKCS11.CKM_ECDSA, None)
        signature = self.session.sign(self.private_key(), digest, mecha=mechanism)
        der: bytes = DSASignature.from_p1363(bytes(signature)).dump()
        return der

    def _find(self, kind: int, name: str) -> Any:
        import PyKCS11

        wanted: list[tuple[int, Any]] = [(PyKCS11.CKA_CLASS, kind)]
        if self.label is not None:
            wanted.append((PyKCS11.CKA_LABEL, self.label))
        if self.key_id is not None:
            wanted.append((PyKCS11.CKA_ID, tuple(self.key_id)))
        objects = self.session.findObjects(wanted)
        if len(objects) == 1:
            return objects[0]
        if objects:
            raise ToolError(
                f"the token has {len(objects)} {name} keys of that name",
                hint="name one of them by object= and id= together",
            )
        raise ToolError(
            f"the token has no such {name} key",
            hint="compare object= and id= with the keys of the token, which needs both keys of the "
            f"pair; without {_PIN} it hides the private one",
        )


def _other_kind(kind: str) -> ToolError:
    return ToolError(
        f"the key is of another kind than those that sign releases ({kind})",
        hint="make an elliptic-curve key on P-256, P-384 or P-521 in the token",
    )


@contextmanager
def _open(uri: str, pin: str | None) -> Iterator[_Token]:
    parsed, pin = _parse(uri), _pin(uri, pin)
    parsed.remove_query_attribute("pin-source")
    try:
        # Without a PIN it only opens. The library is unloaded with its last reference.
        session, _library = parsed.login()
    except ValueError:
        raise ToolError(
            "there is no such token", hint="is it connected, and is token= its label?"
        ) from None
    try:
        if pin:
            session.login(pin)
        yield _Token(session, *parsed.get_keyid_and_label())
    finally:
        # Of the last session it logs out as well.
        session.closeSession()


def _pin(uri: str, pin: str | None) -> str | None:
    source = _parse(uri).get_query_attribute("pin-source")
    pin = pin or (_read_pin(source) if source else None)
    if pin and not pin.isascii():
        # model-signing would encode it twice, and a wrong PIN counts.
        raise UsageError(
            "the PIN has characters other than ASCII, which cannot be handed to the token",
            hint="set a PIN of ASCII characters",
        )
    return pin


def _uri_with_pin(uri: str, pin: str | None) -> str:
    """Return the URI for a library that knows no other way: never print it."""
    parsed, pin = _parse(uri), _pin(uri, pin)
    parsed.remove_query_attribute("pin-source")
    if pin:
        parsed.set_query_attribute("pin-value", quote(pin, safe=""))
    with_pin: str = parsed.format()
    return with_pin


def _parse(uri: str) -> Pkcs11URI:
    try:
        from model_signing._signing.pkcs11uri import Pkcs11URI
        from model_signing._signing.sign_pkcs11 import MODULE_PATHS
    except ImportError as error:
        missing = missing_library(error, "a key in a PKCS#11 token", "pkcs11")
        raise missing or error from None
    if not unquote(uri).isascii():
        raise UsageError(
            "the PKCS#11 URI has characters other than ASCII, which model-signing garbles",
            hint="name the key by its id, and the module by a link with an ASCII path",
        )
    parsed = Pkcs11URI()
    try:
        parsed.parse(uri.strip())
        parsed.get_keyid_and_label()
    except ValueError as error:
        # The library's message may quote the URI, and so a PIN.
        reason = "" if "pin-value" in uri else f": {error}"
        raise UsageError(f"the PKCS#11 URI cannot be read{reason}", hint=_URI) from None
    if parsed.get_query_attribute("pin-value") is not None:
        raise UsageError(
            "the PKCS#11 URI holds a PIN, and URIs are printed",
            hint=f"take pin-value out of it, and set {_PIN}",
        )
    parsed.set_module_directories(MODULE_PATHS)
    _check_module(parsed)
    return parsed


def _check_module(parsed: Pkcs11URI) -> None:
    path, name = (parsed.get_query_attribute(f"module-{part}") for part in ("path", "name"))
    if path is None and name is None:
        raise UsageError("the PKCS#11 URI does not name a module", hint=_URI)
    try:
        parsed.get_module()
    except (ValueError, OSError):
        raise ToolError(
            f"there is no PKCS#11 module {path or name}",
            hint="install the module of your HSM or KMS, and name its file by module-path",
        ) from None


def _read_pin(source: str) -> str:
    """Return what a file holds, without the end of the line, which editors add."""
    parts = urlsplit(source)
    if parts.scheme not in ("", "file") or not parts.path.startswith("/"):
        raise UsageError(
            "pin-source of the PKCS#11 URI is not the absolute path of a file",
            hint=f"name a file such as /run/secrets/pin, or set {_PIN}",
        )
    try:
        return Path(parts.path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ToolError(
            f"the PIN cannot be read from {parts.path}: {reason}",
            hint=f"correct pin-source of the PKCS#11 URI, or set {_PIN}",
        ) from None


@contextmanager
def _token_errors(uri: str) -> Iterator[None]:
    """Turn what PKCS#11 answers into errors, and have all of them name the key."""
    # The first part names the key; the second one says how to get at it.
    name = uri.strip().partition("?")[0]
    _parse(uri)
    import PyKCS11

    try:
        yield
    except ToolError as error:
        raise ToolError(f"{name}: {error.message}", hint=error.hint) from None
    except PyKCS11.PyKCS11Error as error:
        message, hint = _explain(error.value, str(error))
        raise ToolError(f"{name}: {message}", hint=hint) from None
    except ValueError as error:
        # Of model-signing's own search for the token, which may be gone since it was asked first.
        hint = "is the token still connected? Run it again"
        raise ToolError(f"{name}: the token cannot sign: {error}", hint=hint) from None


def _explain(value: int, answer: str) -> tuple[str, str]:
    import PyKCS11

    if value in (PyKCS11.CKR_PIN_INCORRECT, PyKCS11.CKR_PIN_INVALID, PyKCS11.CKR_PIN_LEN_RANGE):
        return "the PIN is wrong", f"correct {_PIN}; many tokens lock after a few wrong PINs"
    if value == PyKCS11.CKR_PIN_LOCKED:
        return "the token is locked", "have its security officer set a new PIN"
    if value == -1:
        return f"the PKCS#11 module cannot be loaded: {answer}", "name its file by module-path"
    return f"the token answers {answer}", "see the documentation of its PKCS#11 module"
