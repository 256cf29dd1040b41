"""The key of a verdict: all that it depends on outside of the model's own folder."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import mergeline
from mergeline.digest import digest_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.specs.held import Held

_CODE = (".py", ".json", ".yaml")


def surroundings(templates: Held, policies: Held) -> str | None:
    """Return the digest of engine, installed packages, pipeline templates and policies.

    None if the policies look at the clock: what they said is no longer true a moment later.
    They are taken to be evaluated by the embedded engine, which refuses every other builtin
    that does not depend on its arguments alone.

    Args:
        templates: the pipeline templates.
        policies: the policies.

    Raises:
        OSError: a file of Mergeline's own cannot be read.
    """
    if any(_looks_at_the_clock(content) for content in policies.contents.values()):
        return None
    return digest_json(
        {
            "engine": _code(),
            "python": [sys.version, _installed(), os.getuid() if hasattr(os, "getuid") else 0],
            "templates": _digests(templates),
            "policies": _digests(policies),
        }
    ).removeprefix("sha256:")


def _looks_at_the_clock(policy: bytes) -> bool:
    return b"now_ns" in policy or re.search(rb"\btime\s*\[", policy) is not None


def _digests(held: Held) -> list[list[str]]:
    files = [
        [repr(path), hashlib.sha256(content).hexdigest()] for path, content in held.contents.items()
    ]
    return [*files, [repr(path) for path in held.symbolic]]


def _code() -> str:
    """Return the digest of Mergeline itself: a checkout changes without its version."""
    top = str(Path(mergeline.__file__).parent)
    known = hashlib.sha256()
    for path in _files(top):
        known.update(path.removeprefix(top).encode() + b"\0")
        known.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return known.hexdigest()


def _files(top: str) -> Iterable[str]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        yield from (f"{folder}/{name}" for name in sorted(names) if name.endswith(_CODE))


def _installed() -> list[list[str]]:
    """Return what can be imported, by name: `*.dist-info` says the version."""
    places = []
    for place in sys.path:
        try:
            names = sorted(path.name for path in Path(place or ".").iterdir())
        except OSError:
            names = []
        places.append([place, *(name for name in names if not name.startswith("."))])
    return places
