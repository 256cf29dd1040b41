"""Is a release signed by somebody whom the organisation trusts? Nothing waives that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.promotion.statement import differences
from mergeline.registry.signing import (
    UnsignedError,
    signed_files,
    signed_statement,
    verify_package,
)
from mergeline.specs.evidence import bundle_file, provenance_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.registry.trust import Signer, Trust
    from mergeline.specs.document import Document
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release


def signature_findings(
    model: ModelFolder,
    release: Release,
    package: Path,
    trust: Trust,
) -> list[Finding]:
    """Hold the bundles of a release against its package, its record and whom to trust.

    That the bundles are those that the record names is checked with the specs. A release that
    nobody signed has nothing to check: whether it needs a signature is for the policies to say.

    Args:
        model: the model, with the release and its bundles.
        release: the record.
        package: the packaged model, as the registry gives it.
        trust: of the policies that judge.

    Raises:
        ToolError: Sigstore does not answer.
    """
    signature, document = release.signature, model.documents[f"releases/{release.version}.yaml"]
    if signature is None:
        return []
    signers = trust.of(signature.signer, signature.method)
    if not signers:
        return [
            document.finding(
                "signer-unknown",
                f'"{signature.signer}", who signed with {_means(signature.method)}, is none of '
                "organization.signing.signers",
                ("signature", "signer"),
                hint="release a new version with a signer of today; add one only if you know them",
            )
        ]
    return list(_problems(_Case(model, release, document, package), signers, trust))


@dataclass(frozen=True, slots=True)
class _Case:
    model: ModelFolder
    release: Release
    document: Document
    package: Path


def _problems(case: _Case, signers: tuple[Signer, ...], trust: Trust) -> Iterator[Finding]:
    version, files, finding = case.release.version, case.model.files, case.document.finding
    bundle, provenance = (files.get(make(version), b"") for make in (bundle_file, provenance_file))
    who = signers[0].name
    try:
        signer = signer_of(bundle, signers, trust)
        signed = signed_files(bundle, signer, trust)
    except UnsignedError as error:
        message = f"{who} did not sign the model: {error}"
        yield finding("signature-invalid", message, ("signature", "bundle"), hint=_FORGED)
        return
    try:
        verify_package(bundle, case.package, signer, trust)
    except UnsignedError as error:
        yield finding(
            "signed-package-differs",
            f"the model in the registry is not the one that {who} signed: {error}",
            ("signature", "bundle"),
            hint="the artifact was changed or lost: release a new version",
        )
    try:
        statement = signed_statement(provenance, signer, trust)
    except UnsignedError as error:
        message = f"{who} did not sign the provenance: {error}"
        yield finding("signature-invalid", message, ("signature", "provenance"), hint=_FORGED)
        return
    for difference in differences(statement, case.release, signed):
        yield finding(
            "provenance-differs",
            f"the signed provenance is not that of this release: {difference}",
            ("signature", "provenance"),
            hint="another release's file was put there, or a file changed: release a new version",
        )


_FORGED = "find out who made it; release a new version"


def signer_of(bundle: bytes, signers: tuple[Signer, ...], trust: Trust) -> Signer:
    """Return who of some signers made a bundle.

    Raises:
        UnsignedError: none of them; says why the last one did not.
    """
    reason = UnsignedError("nobody is trusted to")
    for signer in signers:
        try:
            signed_statement(bundle, signer, trust)
        except UnsignedError as error:
            reason = error
        else:
            return signer
    raise reason


def _means(method: str) -> str:
    return "a key" if method == "key" else "an identity"
