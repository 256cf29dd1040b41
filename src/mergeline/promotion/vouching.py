"""What a third party wants to know of a release: who stands for it, and whether that holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import ExitCode
from mergeline.findings import Finding, has_errors, in_order
from mergeline.promotion.build_level import BuildLevel, build_level
from mergeline.promotion.signature import signer_of
from mergeline.promotion.verification import verify
from mergeline.registry.signing import UnsignedError, signed_statement, witnessed
from mergeline.specs.check import check
from mergeline.specs.evidence import provenance_file
from mergeline.specs.repository import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mergeline.promotion.verification import Checks
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree
    from mergeline.specs.types import Release


@dataclass(frozen=True, slots=True)
class Vouched:
    """A release, and what became of its signature.

    Attributes:
        release: its record.
        findings: what does not hold.
        provenance: the signed statement, if a trusted signer has signed it.
        level: which SLSA Build level that reaches.
    """

    release: Release
    findings: tuple[Finding, ...]
    provenance: Mapping[str, Any] | None = None
    level: BuildLevel | None = None

    @property
    def exit_code(self) -> ExitCode:
        """0 if somebody signed it and everything holds, else 1."""
        holds = self.release.signature is not None and not has_errors(self.findings)
        return ExitCode.YES if holds else ExitCode.NO

    def as_json(self) -> dict[str, Any]:
        """Return the answer for programs."""
        return {
            "model": self.release.name,
            "version": self.release.version,
            "digest": self.release.digest,
            "holds": self.exit_code is ExitCode.YES,
            "signature": msgspec.to_builtins(self.release.signature),
            "provenance": self.provenance,
            "build_level": self.level and {"level": self.level.level, "lacks": self.level.lacks},
            "findings": [item.as_json() for item in self.findings],
        }


def vouch(tree: Tree, release: Release, fetch: Callable[[], Path], checks: Checks) -> Vouched:
    """Hold a release against its signature, as `apply` does before an alias moves.

    Args:
        tree: the files of the default branch.
        release: the record.
        fetch: brings the package here.
        checks: how to look at it.

    Raises:
        ToolError: the registry does not give the package, or Sigstore does not answer.
    """
    repository, found = check(tree, only={release.name})
    file = f"{MODELS}/{release.name}/releases/{release.version}"
    findings = [one for one in found if one.location.file.startswith(f"{file}.")]
    model = repository.models.get(release.name)
    if model is None or findings:
        # What cannot be read, or has another digest, is not worth a signature.
        return Vouched(release, tuple(in_order(found if model is None else findings)))
    findings = verify(model, release, fetch, checks)
    return Vouched(release, tuple(findings), *_stated(model, release, checks))


def _stated(
    model: ModelFolder, release: Release, checks: Checks
) -> tuple[Mapping[str, Any] | None, BuildLevel | None]:
    """Return the statement that a trusted signer has signed, and which level it reaches."""
    signature = release.signature
    if signature is None:
        return None, None
    bundle = model.files.get(provenance_file(release.version), b"")
    signers = checks.trust.of(signature.signer, signature.method)
    try:
        signer = signer_of(bundle, signers, checks.trust)
        statement = signed_statement(bundle, signer, checks.trust)
        return statement, build_level(statement, signer, partial(witnessed, bundle))
    except (UnsignedError, AttributeError, KeyError, TypeError):
        # It is no provenance of ours; a finding says so.
        return None, None
