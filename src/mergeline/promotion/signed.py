"""Signs a release as it is registered: its package, and where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mergeline.digest import digest_bytes
from mergeline.errors import RefusedError
from mergeline.pipeline.confined import isolation_of
from mergeline.promotion.documents import timestamp
from mergeline.promotion.record import NOT_YET, release_digest
from mergeline.promotion.signature import signer_of
from mergeline.promotion.statement import provenance_statement
from mergeline.registry.names import SIGNATURE
from mergeline.registry.signing import MODEL_BUNDLE, PROVENANCE_BUNDLE, UnsignedError, signed_files
from mergeline.specs.evidence import bundle_file, provenance_file
from mergeline.specs.types.release import ReleasedSignature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.pipeline.result import RunResult
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.registry.signing import Signing
    from mergeline.registry.trust import Trust
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release


@dataclass(frozen=True, slots=True)
class Signed:
    """A release record, and the bundles that its signature names.

    Attributes:
        release: the record.
        bundles: by their names beside the model; none: nobody signed.
    """

    release: Release
    bundles: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """The bundles by their paths below the model folder."""
        version = self.release.version
        paths = {
            MODEL_BUNDLE: bundle_file(version),
            PROVENANCE_BUNDLE: provenance_file(version),
        }
        return {paths[name]: content for name, content in self.bundles.items()}


def signing_of(services: Services, trust: Trust, risk: str) -> Signing | None:
    """Return the means to sign by; None: there are none, and nothing asks for a signature.

    Asked before anything is trained.

    Raises:
        RefusedError: a release of this risk must be signed to go on, and nobody is here to do so.
        ToolError: an identity that should be there cannot be had.
        UsageError: the key cannot be read.
    """
    signing = services.signing(trust)
    if signing is None and trust.asks(risk):
        names = ", ".join(one.name for one in trust.signers)
        raise RefusedError(
            f"a release of {risk} risk must be signed, and neither a key nor an identity is here",
            hint=f"set MERGELINE_SIGNING_KEY to the private key of one of: {names}; if they sign "
            "without one, in Actions, give the job id-token: write (docs/signing.md)",
        )
    return signing


def sign(
    services: Services,
    release: Release,
    result: RunResult,
    package: Path,
    signing: Signing,
    trust: Trust,
) -> Signed:
    """Sign a release, or find what an interrupted call has signed of it.

    Args:
        services: where it is registered.
        release: its record.
        result: the run that made it.
        package: the folder with its package.
        signing: the means to sign by.
        trust: whom the policies trust.

    Raises:
        RefusedError: whoever signs here is nobody whom the policies trust.
        ToolError: it cannot be signed, or something does not answer.
    """
    found = services.registry.find(release.name, release.version)
    return (found and _found(services, release, found, signing)) or _sign(
        services, release, result, package, signing, trust
    )


def keep_bundles(
    services: Services, registered: RegisteredVersion, bundles: Mapping[str, bytes]
) -> bool:
    """Put bundles beside a registered model, where whoever downloads it finds them.

    Returns:
        Whether something was not there, or was something else.
    """
    if not bundles or services.registry.beside(registered.model_uri, tuple(bundles)) == bundles:
        return False
    services.registry.put_beside(registered.model_uri, bundles)
    return True


def bundles_on_record(model: ModelFolder, release: Release) -> dict[str, bytes]:
    """Return the bundles that Git has of a release, by their names beside the model."""
    if release.signature is None:
        return {}
    paths = {
        MODEL_BUNDLE: bundle_file(release.version),
        PROVENANCE_BUNDLE: provenance_file(release.version),
    }
    return {name: model.files[path] for name, path in paths.items() if path in model.files}


def _found(
    services: Services, release: Release, found: RegisteredVersion, signing: Signing
) -> Signed | None:
    """Return what is registered already, if it is the same release, whole, of the same signer."""
    try:
        signature = msgspec.convert(json.loads(found.tags[SIGNATURE]), ReleasedSignature)
    except (KeyError, ValueError):
        return None
    signed = _with(release, signature)
    mine = {(one.name, one.method) for one in signing.signers}
    if signed.digest != found.digest or (signature.signer, signature.method) not in mine:
        return None
    bundles = services.registry.beside(found.model_uri, (MODEL_BUNDLE, PROVENANCE_BUNDLE))
    digests = {name: digest_bytes(content) for name, content in bundles.items()}
    wanted = {MODEL_BUNDLE: signature.bundle, PROVENANCE_BUNDLE: signature.provenance}
    return Signed(signed, bundles) if digests == wanted else None


def _sign(
    services: Services,
    release: Release,
    result: RunResult,
    package: Path,
    signing: Signing,
    trust: Trust,
) -> Signed:
    services.progress(f"{release.name}: signing {release.version}")
    bundle = signing.sign_package(package)
    try:
        signer = signer_of(bundle, signing.signers, trust)
        files = signed_files(bundle, signer, trust)
    except UnsignedError as error:
        raise RefusedError(
            f"what is signed here is not trusted: {error}",
            hint="organization.signing.signers of policies/data.yaml names who may sign",
        ) from None
    signature = ReleasedSignature(
        method=signer.method, signer=signer.name, bundle=digest_bytes(bundle), provenance=NOT_YET
    )
    began = datetime.fromisoformat(result.started)
    times = (timestamp(began), timestamp(began + timedelta(seconds=result.seconds)))
    statement = provenance_statement(
        _with(release, signature), files, services.builder, times, isolation_of(result)
    )
    provenance = signing.sign_statement(statement)
    signature = replace(signature, provenance=digest_bytes(provenance))
    bundles = {MODEL_BUNDLE: bundle, PROVENANCE_BUNDLE: provenance}
    return Signed(_with(release, signature), bundles)


def _with(release: Release, signature: ReleasedSignature) -> Release:
    """Return a release with a signature, and with the digest that covers who made it."""
    signed = replace(release, signature=signature)
    return replace(signed, digest=release_digest(msgspec.to_builtins(signed)))
