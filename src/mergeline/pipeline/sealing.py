"""Bytes of data on their way between machines, encrypted to those that may read them.

Artifacts of a workflow are open to whoever may read the repository. A runner that may read data
keeps an age identity (https://age-encryption.org/v1) outside of the repository; policies/data.yaml
names the recipients. The only importer of pyrage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError, ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

IDENTITY = "MERGELINE_DATA_IDENTITY"
_SEALED = ".age"


def recipients_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the recipients of data that are not public, as policies/data.yaml names them.

    Raises:
        UsageError: they cannot be read.
    """
    found = ((data.get("organization") or {}).get("data") or {}).get("recipients") or ()
    if not (isinstance(found, (list, tuple)) and all(isinstance(one, str) for one in found)):
        raise UsageError(
            "organization.data.recipients of policies/data.yaml is a list of age recipients"
        )
    return tuple(found)


def seal(folder: Path, to: Path, recipients: Iterable[str]) -> None:
    """Encrypt each file of a folder into a new one.

    Raises:
        RefusedError: there is no recipient.
        UsageError: a recipient is none.
    """
    import pyrage

    try:
        known = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as error:
        raise UsageError(
            f"a recipient of organization.data.recipients cannot be read: {error}",
            hint="age-keygen prints one: age1…",
        ) from None
    if not known:
        raise RefusedError(
            "the data are not public, and no machine is named that may read them",
            hint="name the recipients of your runners: organization.data.recipients of "
            "policies/data.yaml (docs/github.md)",
        )
    to.mkdir(parents=True, mode=0o700)
    for path in sorted(folder.iterdir()):
        pyrage.encrypt_file(str(path), str(to / f"{path.name}{_SEALED}"), known)


def is_sealed(folder: Path) -> bool:
    """Tell whether a folder holds encrypted files."""
    return any(folder.glob(f"*{_SEALED}"))


def unseal(folder: Path, to: Path, identity: str | None) -> None:
    """Decrypt each file of a folder into a new one.

    Args:
        folder: what was encrypted.
        to: the new folder, for this user alone.
        identity: the file with this machine's identity, or None.

    Raises:
        RefusedError: they are not for this machine, or were changed.
        ToolError: this machine has no identity.
        OSError: they cannot be read or written.
    """
    import pyrage

    if identity is None:
        raise ToolError(
            "the data are encrypted, and this machine has no identity to read them",
            hint=f"put the runner's age identity into a file, and its path into {IDENTITY}",
        )
    try:
        lines = Path(identity).read_text(encoding="utf-8").splitlines()
        known = [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.strip() and not line.startswith("#")
        ]
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise ToolError(f"{IDENTITY} cannot be read: {error}") from None
    to.mkdir(mode=0o700)
    for path in sorted(folder.glob(f"*{_SEALED}")):
        target = to / path.name.removesuffix(_SEALED)
        try:
            pyrage.decrypt_file(str(path), str(target), known)
        except (pyrage.DecryptError, OSError) as error:
            target.unlink(missing_ok=True)
            # A change behind the header is an OSError too, without a number of the system's.
            if getattr(error, "errno", None) is not None:
                raise
            raise RefusedError(f"{path.name} cannot be decrypted here: {error}") from None
        target.chmod(0o600)
