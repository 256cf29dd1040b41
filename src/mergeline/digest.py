"""Content digests: SHA-256 over canonical bytes, written as `sha256:<hex>`."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def digest_bytes(content: bytes) -> str:
    """Return the digest of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_file(path: Path) -> str:
    """Return the digest of a file, read in chunks.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted keys, no spaces, UTF-8, finite numbers.

    Raises:
        ValueError: the value holds NaN or an infinity.
        TypeError: the value holds something that JSON cannot say.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest_json(value: Any) -> str:
    """Return the digest of a JSON value, whatever the order of its keys.

    Raises:
        ValueError: the value holds NaN or an infinity.
    """
    return digest_bytes(canonical_json(value))
