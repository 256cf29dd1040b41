"""Signatures over packaged models, and over statements about them: made, and verified.

The only importer of model_signing, sigstore and securesystemslib, which load when they are
needed. Both kinds of signature are Sigstore bundles around an in-toto statement.
"""

from mergeline.registry.signing.signature import (
    BESIDE,
    Signing,
    UnsignedError,
    signed_statement,
    verify_package,
)
from mergeline.registry.signing.with_key import KeySigning, NewKey, new_key
from mergeline.registry.signing.without_key import KeylessSigning

__all__ = [
    "BESIDE",
    "KeySigning",
    "KeylessSigning",
    "NewKey",
    "Signing",
    "UnsignedError",
    "new_key",
    "signed_statement",
    "verify_package",
]
