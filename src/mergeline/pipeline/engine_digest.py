"""The digest of the pipeline's own code: a part of every cache key."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mergeline.digest import digest_bytes, digest_json


@cache
def engine_digest() -> str:
    """Return the digest of every module of this package."""
    folder = Path(__file__).parent
    return digest_json(
        {
            path.relative_to(folder).as_posix(): digest_bytes(path.read_bytes())
            for path in folder.rglob("*.py")
        }
    )
