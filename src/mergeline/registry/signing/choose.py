"""Who signs here: whoever the policies trust of those that the environment offers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from mergeline.registry.signing.signature import Signing
    from mergeline.registry.trust import Signer, Trust
    from mergeline.settings import Settings

_PEM = "-----BEGIN"


def choose_signing(settings: Settings, trust: Trust) -> Signing | None:
    """Return the means to sign by: the key that is set, else the run's identity; None: neither.

    Raises:
        RefusedError: the key is nobody's whom the policies trust.
        ToolError: the run should have an identity, and it cannot be had; or the token that holds
            the key does not answer.
        UsageError: the key cannot be read.
    """
    if settings.signing_key is not None:
        return _with_key(settings.signing_key, settings.signing_password, trust)
    witnessed = tuple(one for one in trust.signers if one.method == "keyless")
    if not witnessed:
        return None
    from mergeline.registry.signing.without_key import KeylessSigning, ambient_identity

    token = ambient_identity()
    return None if token is None else KeylessSigning(witnessed, trust, token)


def own_public_key(key: str, password: str | None) -> str:
    """Return the PEM of the public key of a private one, given as path, PEM or PKCS#11 URI.

    Raises:
        UsageError: it cannot be read, is no such key, or the password does not open it.
        ToolError: the token does not answer, or holds no such key.
    """
    from mergeline.registry.signing.with_token import is_token, public_key_in_token

    if is_token(key):
        return public_key_in_token(key, password)
    from mergeline.registry.signing.with_key import public_key_of

    return public_key_of(_read(key), password)


def trusted_key(key: str, password: str | None, trust: Trust) -> Signer | None:
    """Return whose key it is of those whom the policies trust; None: of nobody.

    Raises:
        UsageError: it cannot be read.
        ToolError: the token does not answer, or holds no such key.
    """
    from mergeline.registry.signing.with_key import same_key

    public = own_public_key(key, password)
    known = (one for one in trust.signers if one.public_key and same_key(one.public_key, public))
    return next(known, None)


def _with_key(key: str, password: str | None, trust: Trust) -> Signing:
    from mergeline.registry.signing.with_key import KeySigning
    from mergeline.registry.signing.with_token import TokenSigning, is_token

    signer = trusted_key(key, password, trust)
    if signer is not None and is_token(key):
        return TokenSigning(signer, key, password)
    if signer is not None:
        return KeySigning(signer, _read(key), password)
    raise RefusedError(
        "the key of MERGELINE_SIGNING_KEY is none of organization.signing.signers",
        hint="name it there, in policies/data.yaml of the default branch: mergeline key "
        "show prints what to write; or unset the variable",
    )


def _read(key: str) -> bytes:
    if key.lstrip().startswith(_PEM):
        return key.encode()
    try:
        return Path(key).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(
            f"MERGELINE_SIGNING_KEY cannot be read: {error.strerror}: {key}",
            hint="it is the path of a private key; mergeline key new makes one",
        ) from None
