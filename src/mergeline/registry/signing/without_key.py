"""Signing without a key: Sigstore witnesses who the run of a workflow is."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from mergeline.digest import canonical_json
from mergeline.errors import ToolError
from mergeline.registry.signing.signature import UnsignedError, as_file, hashing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from model_signing.verifying import Config as Verifying
    from sigstore.models import ClientTrustConfig

    from mergeline.registry.trust import Signer, Trust


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What the certificate of a run's identity says, which no job of the run can change.

    Attributes:
        source: is the run one of the repository that the provenance names?
        hosted: did it run on a machine of GitHub's, made for it alone?
    """

    source: bool
    hosted: bool


@dataclass(frozen=True, slots=True)
class KeylessSigning:
    """Signs with the identity of the run.

    Attributes:
        signers: one of whom this should be; which one, the signature will tell.
        trust: names the Sigstore.
        token: the run's identity, as its platform has signed it.
    """

    signers: tuple[Signer, ...]
    trust: Trust
    token: str = field(repr=False)

    def sign_package(self, folder: Path) -> bytes:
        """Return the bundle that signs a packaged model."""
        from model_signing.signing import Config

        with _answers("sign the model"), _trust_file(self.trust) as trust, as_file(b"") as target:
            config = Config().use_sigstore_signer(identity_token=self.token, trust_config=trust)
            config.set_hashing_config(hashing()).sign(folder, target)
            return target.read_bytes()

    def sign_statement(self, statement: Mapping[str, Any]) -> bytes:
        """Return the bundle that signs an in-toto statement."""
        from sigstore.dsse import Statement
        from sigstore.oidc import IdentityToken
        from sigstore.sign import SigningContext

        with _answers("sign the provenance"):
            context = SigningContext.from_trust_config(_trust_config(self.trust))
            with context.signer(IdentityToken(self.token)) as signer:
                bundle = signer.sign_dsse(Statement(canonical_json(dict(statement))))
            return bundle.to_json().encode()


def ambient_identity() -> str | None:
    """Return the identity that the platform gives to this run; None: it gives none.

    Raises:
        ToolError: there should be one, and it cannot be had.
    """
    from sigstore.oidc import IdentityError, detect_credential

    try:
        return detect_credential()
    except IdentityError as error:
        raise ToolError(
            f"this run has no identity to sign with: {error}",
            hint="the job needs the permission id-token: write",
        ) from error


def payload_by_identity(bundle: bytes, signer: Signer, trust: Trust) -> tuple[str, bytes]:
    """Return the type and the bytes that a bundle signs with a signer's identity.

    Raises:
        UnsignedError: somebody else signed them, or they were changed.
        ToolError: Sigstore's own root of trust cannot be had.
    """
    from sigstore.errors import VerificationError
    from sigstore.models import Bundle
    from sigstore.verify import Verifier
    from sigstore.verify.policy import Identity

    try:
        found = Bundle.from_json(bundle)
    except Exception as error:  # noqa: BLE001  # the library lets through what its parts raise
        raise UnsignedError(f"it is no bundle of Sigstore ({_first_line(error)})") from None
    with _answers("give its root of trust"):
        verifier = Verifier(trusted_root=_trust_config(trust).trusted_root)
    policy = Identity(identity=str(signer.identity), issuer=str(signer.issuer))
    try:
        return verifier.verify_dsse(found, policy)
    except VerificationError as error:
        raise UnsignedError(_first_line(error)) from None


def witnessed(bundle: bytes, repository: str) -> Witnessed:
    """Return what the certificate in a bundle says of the run that signed.

    Args:
        bundle: whose signature was verified.
        repository: the address of the repository that the run should be of.
    """
    from sigstore.errors import VerificationError
    from sigstore.models import Bundle
    from sigstore.verify import policy

    certificate = Bundle.from_json(bundle).signing_certificate

    def holds(one: policy.VerificationPolicy) -> bool:
        try:
            one.verify(certificate)
        except VerificationError:
            return False
        return True

    return Witnessed(
        source=holds(policy.OIDCSourceRepositoryURI(repository)),
        hosted=holds(policy.OIDCRunnerEnvironment("github-hosted")),
    )


@contextmanager
def identity_verifier(signer: Signer, trust: Trust) -> Iterator[Verifying]:
    """Give what verifies packages by a signer's identity."""
    from model_signing.verifying import Config

    with _trust_file(trust) as path, _answers("give its root of trust"):
        config = Config().use_sigstore_verifier(
            identity=str(signer.identity), oidc_issuer=str(signer.issuer), trust_config=path
        )
    yield config


def _trust_config(trust: Trust) -> ClientTrustConfig:
    from sigstore.models import ClientTrustConfig

    if trust.sigstore is not None:
        return ClientTrustConfig.from_json(json.dumps(trust.sigstore))
    return _public_sigstore()


@cache
def _public_sigstore() -> ClientTrustConfig:
    """Return the trust configuration of the public Sigstore, asked for once."""
    from sigstore.models import ClientTrustConfig

    return ClientTrustConfig.production()


@contextmanager
def _trust_file(trust: Trust) -> Iterator[Path | None]:
    if trust.sigstore is None:
        yield None
        return
    with as_file(json.dumps(trust.sigstore).encode()) as path:
        yield path


@contextmanager
def _answers(asked: str) -> Iterator[None]:
    """Turn whatever Sigstore's parts raise into an error that says what it was asked for."""
    try:
        yield
    except (UnsignedError, ImportError):
        raise
    except Exception as error:
        raise ToolError(
            f"Sigstore could not {asked}: {_first_line(error)}",
            hint="does this machine reach it? A key needs no service: see docs/signing.md",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
