"""What validation found before, kept on this machine.

A file of `.mergeline/validate/` holds the verdicts under one key: everything but the model folder
that a verdict depends on. It is signed with a key that is kept outside of the repository, so that
a pull request cannot bring verdicts along with its change. A file that is damaged, or signed with
another key, is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = 4  # files: a branch and its base by turns, and a little more
_SIGNATURE_BYTES = 32
_KEY_BYTES = 32

Row = tuple[str, str, str, str, int, int, str | None]


class Verdict(msgspec.Struct, array_like=True, frozen=True):
    """What was found in a model folder.

    Attributes:
        stamp: of the folder when it was checked (`mergeline.specs.listing`), or empty.
        digest: of what the checks read of it (`mergeline.specs.snapshot`).
        lockfile: the file outside of it that the checks read.
        locked: the digest of its content.
        rows: the findings.
        facts: what other models have to agree on with it.
    """

    stamp: str
    digest: str
    lockfile: str
    locked: str
    rows: list[Row]
    facts: Facts

    @property
    def findings(self) -> list[Finding]:
        """The findings, as they were."""
        return [
            Finding(rule, Severity(severity), message, Location(file, line, column), hint)
            for rule, severity, message, file, line, column, hint in self.rows
        ]

    def stamped(self, stamp: str) -> Verdict:
        """Return the same with another stamp."""
        return Verdict(stamp, self.digest, self.lockfile, self.locked, self.rows, self.facts)


class _File(msgspec.Struct, array_like=True):
    key: str
    verdicts: dict[str, Verdict]


def row(finding: Finding) -> Row:
    """Return a finding as it is kept."""
    place = finding.location
    return (
        finding.rule,
        str(finding.severity),
        finding.message,
        place.file,
        place.line,
        place.column,
        finding.hint,
    )


class VerdictStore:
    """The verdicts that were found under one key."""

    def __init__(self, state: Path, key: str, environ: Mapping[str, str]) -> None:
        """Take the state directory of a repository, the key, and the environment of the call."""
        self._key = key
        self._path = state / "validate" / f"{key[:32]}.verdicts"
        self._secret = _secret(environ)

    def load(self) -> dict[str, Verdict]:
        """Return the verdicts by model; none if there are none that can be trusted."""
        if self._secret is None:
            return {}
        try:
            content = self._path.read_bytes()
            signature, body = content[:_SIGNATURE_BYTES], content[_SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, self._sign(body)):
                return {}
            file = msgspec.msgpack.decode(body, type=_File)
        except (OSError, msgspec.DecodeError, ValueError):
            return {}
        return file.verdicts if file.key == self._key else {}

    def save(self, verdicts: dict[str, Verdict]) -> None:
        """Keep verdicts in place of those that are there; in vain if the disk says no."""
        if self._secret is None:
            return
        body = msgspec.msgpack.encode(_File(self._key, verdicts))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._path, self._sign(body) + body)
            self._forget()

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._secret or b"", body, "sha256")

    def _forget(self) -> None:
        files = sorted(
            self._path.parent.glob("*.verdicts"), key=lambda path: path.stat().st_mtime_ns
        )
        for path in files[:-_KEPT]:
            path.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write a file at once: a reader sees the old or the new one, and of two writers one wins."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _secret(environ: Mapping[str, str]) -> bytes | None:
    """Return this user's key, made when it is first asked for; None if it cannot be kept."""
    home = environ.get("XDG_STATE_HOME") or (
        f"{environ['HOME']}/.local/state" if environ.get("HOME") else None
    )
    if home is None or not Path(home).is_absolute():
        return None
    path = Path(home) / "mergeline" / "verdicts.key"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Linked into place, so that of two runs that both make one, one wins.
            descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            Path(draft).unlink()
        key = path.read_bytes()
    except OSError:
        return None
    return hashlib.sha256(key).digest() if len(key) == _KEY_BYTES else None
