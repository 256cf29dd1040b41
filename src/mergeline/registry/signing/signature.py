"""What a signature is, whoever made it: a bundle, held against signer and package."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mergeline.digest import digest_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from model_signing.hashing import Config as Hashing

    from mergeline.registry.trust import Signer, Trust

IN_TOTO = "application/vnd.in-toto+json"
_PACKAGE = "https://model_signing/signature/v1.0"
MODEL_BUNDLE = "model.sigstore.json"
PROVENANCE_BUNDLE = "provenance.sigstore.json"
# What comes to stand beside a package's files: its bundles, and a note that MLflow makes of
# where it was downloaded from. Nothing loads them.
BESIDE = (MODEL_BUNDLE, PROVENANCE_BUNDLE, "registered_model_meta")


class UnsignedError(Exception):
    """A signature does not hold; says why in words that go on after "…: "."""


class Signing(Protocol):
    """Somebody's means of signing."""

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Who may be signing, as the policies name them; the signature tells which one."""

    def sign_package(self, folder: Path) -> bytes:
        """Return the bundle that signs a packaged model by OpenSSF Model Signing.

        Raises:
            ToolError: it cannot be signed.
        """

    def sign_statement(self, statement: Mapping[str, Any]) -> bytes:
        """Return the bundle that signs an in-toto statement.

        Raises:
            ToolError: it cannot be signed.
        """


def hashing() -> Hashing:
    """Return what is signed of a folder: every file but those in `BESIDE`, by SHA-256.

    The names that are left out stand in the signature, so that `model_signing verify` knows.
    """
    from model_signing.hashing import Config

    return Config().set_ignored_paths(paths=BESIDE, ignore_git_paths=False)


def signed_statement(bundle: bytes, signer: Signer, trust: Trust) -> dict[str, Any]:
    """Return the statement of a bundle, once it is known that a signer has signed it.

    Raises:
        UnsignedError: they have not, or it is no bundle.
        ToolError: Sigstore does not answer.
    """
    from mergeline.registry.signing.with_key import payload_by_key
    from mergeline.registry.signing.without_key import payload_by_identity

    verify = payload_by_key if signer.public_key else payload_by_identity
    kind, payload = verify(bundle, signer, trust)
    if kind != IN_TOTO:
        raise UnsignedError(f"what is signed is {kind}, not {IN_TOTO}")
    try:
        statement: dict[str, Any] = json.loads(payload)
    except ValueError as error:
        raise UnsignedError(f"the statement cannot be read: {error}") from None
    return statement


def verify_package(bundle: bytes, folder: Path, signer: Signer, trust: Trust) -> None:
    """Hold a packaged model against the bundle that signs it.

    Raises:
        UnsignedError: a file was changed, is missing or was added since.
        ToolError: Sigstore does not answer.
    """
    signed = signed_files(bundle, signer, trust)
    from mergeline.registry.signing.with_key import key_verifier
    from mergeline.registry.signing.without_key import identity_verifier

    verifier = key_verifier if signer.public_key else identity_verifier
    with verifier(signer, trust) as verifying, as_file(bundle) as path:
        try:
            verifying.set_hashing_config(hashing()).verify(folder, path)
        except (ValueError, KeyError, TypeError) as error:
            raise UnsignedError(_difference(signed, folder) or str(error)) from None


def signed_files(bundle: bytes, signer: Signer, trust: Trust) -> dict[str, str]:
    """Return the files that a bundle signs, to their digests, once a signer has signed it.

    Raises:
        UnsignedError: they have not, or it signs no packaged model.
        ToolError: Sigstore does not answer.
    """
    statement = signed_statement(bundle, signer, trust)
    if statement.get("predicateType") != _PACKAGE:
        raise UnsignedError("it signs something else than a packaged model")
    try:
        rows = statement["predicate"]["resources"]
        return {row["name"]: f"{row['algorithm']}:{row['digest']}" for row in rows}
    except (KeyError, TypeError) as error:
        raise UnsignedError(f"what it signs cannot be read ({error})") from None


def _difference(signed: Mapping[str, str], folder: Path) -> str:
    """Say in words what differs; the answer that it differs is given elsewhere."""
    there = {
        path.relative_to(folder).as_posix(): digest_file(path)
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in BESIDE
    }
    parts = {
        "changed": {name for name in signed.keys() & there if signed[name] != there[name]},
        "missing": signed.keys() - there.keys(),
        "added": there.keys() - signed.keys(),
    }
    return "; ".join(
        f"{', '.join(sorted(names))} {'were' if len(names) > 1 else 'was'} {how}"
        if how != "missing"
        else f"{', '.join(sorted(names))} {'are' if len(names) > 1 else 'is'} {how}"
        for how, names in parts.items()
        if names
    )


@contextmanager
def as_file(content: bytes) -> Iterator[Path]:
    """Give some bytes as a file that only this user can read, for a library that takes paths."""
    with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
        path = Path(directory, "file")
        path.touch(mode=0o600)
        path.write_bytes(content)
        yield path
