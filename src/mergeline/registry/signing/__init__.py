"""Signatures over packaged models, and over statements about them: made, and verified.

The only importer of model_signing, sigstore and securesystemslib, which load when they are
needed. Both kinds of signature are Sigstore bundles around an in-toto statement.
"""

from mergeline.registry.signing.choose import choose_signing, own_public_key, trusted_key
from mergeline.registry.signing.signature import (
    MODEL_BUNDLE,
    PROVENANCE_BUNDLE,
    Signing,
    UnsignedError,
    signed_files,
    signed_statement,
    verify_package,
)
from mergeline.registry.signing.with_key import KeySigning, NewKey, new_key
from mergeline.registry.signing.with_token import TokenSigning, is_token
from mergeline.registry.signing.without_key import KeylessSigning, Witnessed, witnessed

__all__ = [
    "MODEL_BUNDLE",
    "PROVENANCE_BUNDLE",
    "KeySigning",
    "KeylessSigning",
    "NewKey",
    "Signing",
    "TokenSigning",
    "UnsignedError",
    "Witnessed",
    "choose_signing",
    "is_token",
    "new_key",
    "own_public_key",
    "signed_files",
    "signed_statement",
    "trusted_key",
    "verify_package",
    "witnessed",
]
