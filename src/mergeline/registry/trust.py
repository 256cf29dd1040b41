"""Whom an organisation trusts to sign, as `organization.signing` of policies/data.yaml says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mergeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Method = Literal["key", "keyless"]
_KEYS = {frozenset({"name", "public_key"}), frozenset({"name", "identity", "issuer"})}


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who may sign releases: who holds a key, or whom an issuer knows.

    Attributes:
        name: what release records call them.
        public_key: the PEM of an elliptic-curve key; None: they sign without one.
        identity: whom the certificate must be of: a workflow's address, or an e-mail address.
        issuer: the OpenID Connect issuer that must have said so.
    """

    name: str
    public_key: str | None = None
    identity: str | None = None
    issuer: str | None = None

    @property
    def method(self) -> Method:
        """How they sign."""
        return "keyless" if self.public_key is None else "key"


@dataclass(frozen=True, slots=True)
class Trust:
    """Who may sign, and what must be signed.

    Attributes:
        signers: those who may; two of one name are one with an old and a new key.
        required: the risks of which releases must be signed, by environment.
        sigstore: the trust configuration of an own Sigstore; None: the public one.
    """

    signers: tuple[Signer, ...] = ()
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sigstore: Mapping[str, Any] | None = None

    def of(self, name: str, method: str) -> tuple[Signer, ...]:
        """Return those that a release record means."""
        return tuple(one for one in self.signers if (one.name, one.method) == (name, method))

    def asks(self, risk: str) -> bool:
        """Must a release of this risk be signed to go everywhere? Only if somebody may sign."""
        return bool(self.signers) and any(risk in risks for risks in self.required.values())


def trust_of(data: Mapping[str, Any]) -> Trust:
    """Return whom the data of some policies trust.

    Args:
        data: policies/data.yaml.

    Raises:
        UsageError: it cannot be read as that.
    """
    signing = (data.get("organization") or {}).get("signing") or {}
    try:
        required = {name: tuple(risks) for name, risks in (signing.get("required") or {}).items()}
        signers = tuple(_signer(one) for one in signing.get("signers") or ())
        sigstore = dict(signing["sigstore"]) if signing.get("sigstore") else None
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            f"organization.signing of policies/data.yaml cannot be read: {error}",
            hint="see docs/signing.md; signers are {name, public_key} or {name, identity, issuer}",
        ) from None
    return Trust(signers, required, sigstore)


def _signer(said: Mapping[str, Any]) -> Signer:
    if frozenset(said) not in _KEYS or not all(isinstance(one, str) for one in said.values()):
        raise TypeError(f"a signer has {', '.join(sorted(said))}")
    return Signer(**said)
